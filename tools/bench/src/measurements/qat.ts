// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostFixture } from '@kube-device-plugins/testkit';
import { attempt, fewRuns, inTurns, ownOnly, startOn, warmUpScans, type Bench, type Measurement } from '../bench.ts';
import { builtPlugin, bundleVariants } from '../built-plugin.ts';
import { qatHost } from '@kube-device-plugins/build/hosts/qat-host';
import { atMost, type Metric } from '../metric.ts';
import { readActivity } from '../proc.ts';
import { haveScanned, scanCpuMs } from '../scan-cost.ts';
import type { Variant } from '../variant.ts';

/** The rows of one count of virtual functions (VFs). */
interface Size {
  readonly vfs: number;
  readonly start: Metric;
  readonly scan: Metric;
}

const usual = sizeOf(64, 10);
const sizes: readonly Size[] = [usual, sizeOf(1_024, 100)];
const steady: Metric = {
  key: 'qat.steady',
  label: `${usual.vfs} QAT VFs: CPU of a core, a scan every 5 s`,
  unit: '%',
  target: atMost(0.2),
};

function sizeOf(vfs: number, mostScanMs: number): Size {
  return {
    vfs,
    start: { key: `qat.${vfs}.start`, label: `${vfs.toLocaleString('en')} QAT VFs: CPU to the first list`, unit: 'ms' },
    scan: { key: `qat.${vfs}.scan`, label: '  CPU of a scan', unit: 'ms', target: atMost(mostScanMs) },
  };
}

export const qat: Measurement = {
  name: 'qat',
  metrics: [...sizes.flatMap(({ start, scan }) => [start, scan]), steady],
  async run(bench, signal) {
    ownOnly(bench, qat.metrics);
    const few = { ...bench, runs: fewRuns(bench) };
    for (const size of sizes) {
      const { vfs, start, scan } = size;
      await using host = await bench.sites.createHost(qatHost(vfs));
      const ofSize = { ...qat, name: `qat, ${vfs} VFs`, metrics: [start, scan] };
      // Nothing is looked for unless it is asked for.
      await inTurns(few, ofSize, qatVariants(vfs, '-scan-period=1h'), signal, async (variant) => {
        await using plugin = await startOn(bench, host, variant, signal);
        await plugin.listed(vfs);
        bench.results.add(start, variant, (await readActivity(plugin.pid)).cpuMs);
        bench.results.add(scan, variant, await scanCpuMs(plugin, warmUpScans(bench), signal));
      });
      if (size === usual) await measureSteady(bench, host, signal);
    }
  },
};

/** V8 has collected by then what the start left behind; a plugin that has run for days does not. */
const settleMs = { full: 20_000, quick: 5_000 };
const windowMs = { full: 60_000, quick: 10_000 };

/** All at once: idle as they are, they do not disturb each other. */
async function measureSteady(bench: Bench, host: HostFixture, signal: AbortSignal): Promise<void> {
  const length = bench.isQuick ? 'quick' : 'full';
  bench.progress('qat, steady');
  const once = async (variant: Variant): Promise<void> => {
    await using plugin = await startOn(bench, host, variant, signal);
    await plugin.listed(usual.vfs);
    await haveScanned(plugin, warmUpScans(bench), signal);
    await sleep(settleMs[length], undefined, { signal });
    const before = await readActivity(plugin.pid);
    await sleep(windowMs[length], undefined, { signal });
    const after = await readActivity(plugin.pid);
    bench.results.add(steady, variant, ((after.cpuMs - before.cpuMs) / windowMs[length]) * 100);
  };
  await Promise.all(
    qatVariants(usual.vfs).map((variant) => attempt(bench, [steady], variant, signal, () => once(variant))),
  );
}

function qatVariants(vfs: number, ...flags: readonly string[]): readonly Variant[] {
  return bundleVariants(builtPlugin('qat-plugin'), () => [`-max-num-devices=${vfs}`, ...flags]);
}
