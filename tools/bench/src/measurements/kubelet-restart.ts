// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { RestartKind } from '@kube-device-plugins/testkit';
import { attempt, usualDevices, type Bench, type Measurement } from '../bench.ts';
import { atMost, type Metric } from '../metric.ts';
import { PluginProcess } from '../plugin-process.ts';
import { percentile } from '../statistics.ts';
import type { Variant } from '../variant.ts';

/** One way in which a kubelet restarts, and the rows of it. */
interface Restart {
  readonly kind: RestartKind;
  readonly awayMs: number;
  /** One figure for each restart, so that its median is the p50. */
  readonly each: Metric;
  readonly p99: Metric;
}

const restarts: readonly Restart[] = [
  restartOf('graceful', 0),
  restartOf('graceful', 3_000),
  restartOf('crash', 0),
  restartOf('wipe-dir', 0),
  restartOf('same-inode', 0),
  restartOf('fast', 0),
  restartOf('kubelet-sock-first', 0),
  restartOf('twice-in-a-row', 0),
];

function restartOf(kind: RestartKind, awayMs: number): Restart {
  const [key, what] = awayMs === 0 ? [kind, kind] : [`${kind}.away`, `${kind}, away for ${awayMs / 1000} s`];
  const target = atMost(30);
  return {
    kind,
    awayMs,
    each: { key: `restart.${key}`, label: `kubelet restarted (${what}) → Register`, unit: 'ms', target },
    p99: { key: `restart.${key}.p99`, label: '  p99', unit: 'ms' },
  };
}

/** One kind after another, all variants at once: each has a kubelet of its own, and most of the time all wait. */
export const kubeletRestart: Measurement = {
  name: 'kubelet-restart',
  metrics: restarts.flatMap(({ each, p99 }) => [each, p99]),
  async run(bench, signal) {
    for (const kind of restarts) {
      const { each, p99 } = kind;
      bench.progress(each.label);
      await Promise.all(
        bench.variants.map((variant) =>
          attempt(bench, [each, p99], variant, signal, () => restart(bench, variant, kind, signal)),
        ),
      );
    }
  },
};

/** Ours are back in milliseconds, so there is time for enough of them to make a p99; peers take seconds each. */
function countOf({ runs, isQuick }: Bench, { isOwn }: Variant, { awayMs }: Restart): number {
  return isOwn && !isQuick && awayMs === 0 ? runs * 10 : runs;
}

async function restart(bench: Bench, variant: Variant, kind: Restart, signal: AbortSignal): Promise<void> {
  const { meter, sites, results } = bench;
  const site = await sites.create({ devices: usualDevices });
  await using plugin = await PluginProcess.start(variant, site, meter, signal, 'openRestarting');
  await plugin.listed(1);
  const count = countOf(bench, variant, kind);
  for (let restarted = 0; restarted < count; restarted += 1) {
    await sleep(100 + Math.random() * 200, undefined, { signal });
    const backAtMs = await plugin.restartKubelet(kind.kind, kind.awayMs);
    const registeredAtMs = await plugin.first({ kind: 'register', sinceMs: backAtMs });
    // A registration counts only if the devices come with it.
    await plugin.first({ kind: 'list', sinceMs: backAtMs, minTotal: 1 });
    results.add(kind.each, variant, registeredAtMs - backAtMs);
  }
  results.add(kind.p99, variant, percentile(results.figures(kind.each, variant), 0.99));
}
