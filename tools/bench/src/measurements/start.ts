// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurns, startPlugin, type Measurement } from '../bench.ts';
import { atMost, type Metric } from '../metric.ts';
import { readActivity } from '../proc.ts';

const toRegister: Metric = { key: 'start.register', label: 'start → Register', unit: 'ms', target: atMost(60) };
const toList: Metric = { key: 'start.list', label: 'start → first list, 4 devices', unit: 'ms' };
const cpu: Metric = { key: 'start.cpu', label: '  CPU until then', unit: 'ms' };
const firstAllocate: Metric = {
  key: 'start.allocate',
  label: 'first Allocate, 0.3 s after the list',
  unit: 'ms',
  target: atMost(2),
};

/** Pods are not scheduled to a resource before the kubelet has told the API server of it, which takes longer than this. */
const firstPodMs = 300;

export const start: Measurement = {
  name: 'start',
  metrics: [toRegister, toList, cpu, firstAllocate],
  run: (bench, signal) =>
    inTurns(bench, start, bench.variants, signal, async (variant) => {
      await using plugin = await startPlugin(bench, variant, signal);
      const registeredAtMs = await plugin.first({ kind: 'register', sinceMs: plugin.spawnedAtMs });
      const listedAtMs = await plugin.listed(1);
      const { cpuMs } = await readActivity(plugin.pid);
      await sleep(firstPodMs, undefined, { signal });
      const { p50Us } = await plugin.allocate(1, 1);
      bench.results.add(toRegister, variant, registeredAtMs - plugin.spawnedAtMs);
      bench.results.add(toList, variant, listedAtMs - plugin.spawnedAtMs);
      bench.results.add(cpu, variant, cpuMs);
      bench.results.add(firstAllocate, variant, p50Us / 1000);
    }),
};
