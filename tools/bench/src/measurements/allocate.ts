// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurns, startPlugin, type Measurement } from '../bench.ts';
import { atLeast, atMost, type Metric } from '../metric.ts';
import { readMemory } from '../proc.ts';

const p50: Metric = { key: 'allocate.p50', label: 'Allocate one at a time, p50', unit: 'µs', target: atMost(100) };
const p99: Metric = { key: 'allocate.p99', label: 'Allocate one at a time, p99', unit: 'µs', target: atMost(800) };
const throughput: Metric = {
  key: 'allocate.throughput',
  label: 'Allocate, 64 in flight',
  unit: '/s',
  target: atLeast(15_000),
};
const meterCpu: Metric = { key: 'allocate.meter', label: '  CPU of the meter for each call of these', unit: 'µs' };
const rss: Metric = { key: 'allocate.rss', label: 'RSS after these 26,000 Allocates', unit: 'MiB', target: atMost(84) };
const anonymous: Metric = { key: 'allocate.anonymous', label: '  of it anonymous', unit: 'MiB' };

const warmUpCalls = 1_000;
const singleCalls = 5_000;
const parallelCalls = 20_000;
const inFlight = 64;
/** The heap has settled by then, but for a look at whether all works. */
const settleMs = { full: 3_000, quick: 1_000 };

export const allocate: Measurement = {
  name: 'allocate',
  metrics: [p50, p99, throughput, meterCpu, rss, anonymous],
  run: (bench, signal) =>
    inTurns(bench, allocate, bench.variants, signal, async (variant) => {
      await using plugin = await startPlugin(bench, variant, signal);
      await plugin.listed(1);
      await sleep(300, undefined, { signal });
      await plugin.allocate(warmUpCalls, 1);
      const single = await plugin.allocate(singleCalls, 1);
      const parallel = await plugin.allocate(parallelCalls, inFlight);
      await sleep(bench.isQuick ? settleMs.quick : settleMs.full, undefined, { signal });
      const memory = await readMemory(plugin.pid);
      const { results } = bench;
      results.add(p50, variant, single.p50Us);
      results.add(p99, variant, single.p99Us);
      results.add(throughput, variant, parallel.perSecond);
      results.add(meterCpu, variant, parallel.meterCpuUs);
      results.add(rss, variant, memory.rssMiB);
      results.add(anonymous, variant, memory.anonymousMiB);
    }),
};
