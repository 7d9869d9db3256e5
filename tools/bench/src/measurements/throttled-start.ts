// SPDX-License-Identifier: Apache-2.0
import { inTurns, startPlugin, type Measurement } from '../bench.ts';
import { createCpuLimit } from '../cpu-limit.ts';
import { atMost, type Metric } from '../metric.ts';

const toRegister: Metric = {
  key: 'throttled.register',
  label: 'start → Register, CPU limit 100m',
  unit: 'ms',
  target: atMost(520),
};
const toList: Metric = { key: 'throttled.list', label: 'start → first list, CPU limit 100m', unit: 'ms' };

export const throttledStart: Measurement = {
  name: 'throttled-start',
  metrics: [toRegister, toList],
  async run(bench, signal) {
    await using limit = await createCpuLimit();
    if (limit === undefined) {
      for (const variant of bench.variants) {
        bench.results.remark(throttledStart.metrics, variant, 'not measured: no writable cpu cgroup');
      }
      return;
    }
    await inTurns(bench, throttledStart, bench.variants, signal, async (variant) => {
      await using plugin = await startPlugin(bench, variant, signal);
      await limit.add(plugin.pid);
      const registeredAtMs = await plugin.first({ kind: 'register', sinceMs: plugin.spawnedAtMs });
      bench.results.add(toRegister, variant, registeredAtMs - plugin.spawnedAtMs);
      bench.results.add(toList, variant, (await plugin.listed(1)) - plugin.spawnedAtMs);
    });
  },
};
