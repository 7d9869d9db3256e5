// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt, startPlugin, type Bench, type Measurement } from '../bench.ts';
import { atMost, type Metric } from '../metric.ts';
import type { Variant } from '../variant.ts';

const atOnce: Metric = { key: 'restart.0', label: 'kubelet restarted → Register', unit: 'ms', target: atMost(30) };
const after3s: Metric = { key: 'restart.3', label: 'the same, away for 3 s', unit: 'ms', target: atMost(30) };

/** All variants at once: each has a kubelet of its own, and most of the time all wait. */
export const kubeletRestart: Measurement = {
  name: 'kubelet-restart',
  metrics: [atOnce, after3s],
  async run(bench, signal) {
    bench.progress(`kubelet-restart: ${bench.runs} at once, ${bench.runs} after 3 s`);
    await Promise.all(
      bench.variants.flatMap((variant) => [
        attempt(bench, [atOnce], variant, signal, () => restart(bench, variant, atOnce, 0, signal)),
        attempt(bench, [after3s], variant, signal, () => restart(bench, variant, after3s, 3_000, signal)),
      ]),
    );
  },
};

async function restart(
  bench: Bench,
  variant: Variant,
  metric: Metric,
  awayMs: number,
  signal: AbortSignal,
): Promise<void> {
  await using plugin = await startPlugin(bench, variant, signal);
  await plugin.listed(1);
  for (let run = 0; run < bench.runs; run += 1) {
    await sleep(300 + Math.random() * 500, undefined, { signal });
    const backAtMs = await plugin.restartKubelet(awayMs);
    const registeredAtMs = await plugin.first({ kind: 'register', sinceMs: backAtMs });
    // A registration counts only if the devices come with it.
    await plugin.first({ kind: 'list', sinceMs: backAtMs, minTotal: 1 });
    bench.results.add(metric, variant, registeredAtMs - backAtMs);
  }
}
