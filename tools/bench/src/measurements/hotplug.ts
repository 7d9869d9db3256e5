// SPDX-License-Identifier: Apache-2.0
import { linkSync, unlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt, startPlugin, usualDevices, type Bench, type Measurement } from '../bench.ts';
import { clockMs } from '../meter/clock.ts';
import { atMost, type Metric } from '../metric.ts';
import type { Variant } from '../variant.ts';

const removed: Metric = {
  key: 'hotplug.removed',
  label: 'device node removed → message',
  unit: 'ms',
  target: atMost(20),
};
const added: Metric = { key: 'hotplug.added', label: 'device node added → message', unit: 'ms', target: atMost(20) };

/** Each variant has its own devices, so all are measured at once; most of the time they wait. */
export const hotplug: Measurement = {
  name: 'hotplug',
  metrics: [removed, added],
  async run(bench, signal) {
    bench.progress(`hotplug: ${bench.runs} removals and additions`);
    await Promise.all(
      bench.variants.map(async (variant) => {
        const reason = cannot(bench, variant);
        if (reason === undefined)
          await attempt(bench, hotplug.metrics, variant, signal, () => replug(bench, variant, signal));
        else bench.results.remark(hotplug.metrics, variant, `not measured: ${reason}`);
      }),
    );
  },
};

function cannot({ sites }: Bench, { seesNodes }: Variant): string | undefined {
  if (!sites.hasNodes) return 'mknod needs root';
  return seesNodes ? undefined : 'no {dev}';
}

/** This process makes the changes; the plugin and the meter are two others. */
async function replug(bench: Bench, variant: Variant, signal: AbortSignal): Promise<void> {
  await using plugin = await startPlugin(bench, variant, signal);
  await plugin.listed(1);
  const { path, spare } = bench.sites.nodeOf(plugin.site, 'kdp1');
  const measure = async (metric: Metric, healthy: number, change: () => void): Promise<void> => {
    // At any moment between two scans, which are 5 s apart in peers that do not watch.
    // Ours sends a list at once as long as there is no more than one change a second.
    await sleep(variant.isOwn ? 1_000 + Math.random() * 700 : 300 + Math.random() * 5_000, undefined, { signal });
    const changedAtMs = clockMs();
    change();
    const toldAtMs = await plugin.first({ kind: 'list', sinceMs: changedAtMs, healthy });
    bench.results.add(metric, variant, toldAtMs - changedAtMs);
  };
  for (let run = 0; run < bench.runs; run += 1) {
    await measure(removed, usualDevices - 1, () => {
      unlinkSync(path);
    });
    await measure(added, usualDevices, () => {
      linkSync(spare, path);
    });
  }
}
