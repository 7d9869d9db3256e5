// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurns, ownOnly, startPlugin, type Bench, type Measurement } from '../bench.ts';
import { clockMs } from '../meter/clock.ts';
import type { Metric } from '../metric.ts';
import type { Panel } from '../growth-plot.ts';
import { readActivity, readMemory } from '../proc.ts';

/** The rows of one count of devices. */
interface Size {
  readonly devices: number;
  readonly cpu: Metric;
  readonly change: Metric;
  readonly rss: Metric;
}

const sizes: readonly Size[] = [10, 100, 1_000, 10_000, 50_000].map((devices) => ({
  devices,
  cpu: {
    key: `growth.${devices}.cpu`,
    label: `${devices.toLocaleString('en')} devices: CPU to the first list`,
    unit: 'ms',
  },
  change: { key: `growth.${devices}.change`, label: '  one of them fails → message', unit: 'ms' },
  rss: { key: `growth.${devices}.rss`, label: '  RSS after that', unit: 'MiB' },
}));

/** What the plot of these rows shows: one panel for each figure, over the number of devices. */
export const growthPanels: readonly Panel[] = [
  { title: 'CPU to the first list', unit: 'ms', points: sizes.map(({ devices, cpu }) => [devices, cpu]) },
  { title: 'one fails → message', unit: 'ms', points: sizes.map(({ devices, change }) => [devices, change]) },
  { title: 'RSS after that', unit: 'MiB', points: sizes.map(({ devices, rss }) => [devices, rss]) },
];

/** More runs take minutes and say nothing new: what counts is how the sizes compare. */
const mostRuns = 3;

/** What the start left behind is collected by then; no time for that in a look at whether all works. */
const settleMs = { full: 3_000, quick: 0 };

/** How the costs grow with the number of devices. The simulated ones are ours alone, so peers have no part in it. */
export const growth: Measurement = {
  name: 'growth',
  metrics: sizes.flatMap(({ cpu, change, rss }) => [cpu, change, rss]),
  async run(bench, signal) {
    const variants = ownOnly(bench, growth.metrics);
    const fewRuns = { ...bench, runs: bench.isQuick ? 1 : Math.min(bench.runs, mostRuns) };
    for (const size of sizes) {
      const { cpu, change, rss } = size;
      const ofSize = { ...growth, name: `growth to ${size.devices}`, metrics: [cpu, change, rss] };
      await inTurns(fewRuns, ofSize, variants, signal, async (variant) => {
        await using plugin = await startPlugin(bench, variant, signal, size.devices);
        await plugin.listed(size.devices);
        const { cpuMs } = await readActivity(plugin.pid);
        await settle(bench, signal);
        const failedAtMs = clockMs();
        // The script of the site has its first device fail then.
        process.kill(plugin.pid, 'SIGUSR2');
        const toldAtMs = await plugin.first({ kind: 'list', sinceMs: failedAtMs, healthy: size.devices - 1 });
        await settle(bench, signal);
        bench.results.add(cpu, variant, cpuMs);
        bench.results.add(change, variant, toldAtMs - failedAtMs);
        bench.results.add(rss, variant, (await readMemory(plugin.pid)).rssMiB);
      });
    }
  },
};

async function settle({ isQuick }: Bench, signal: AbortSignal): Promise<void> {
  await sleep(isQuick ? settleMs.quick : settleMs.full, undefined, { signal });
}
