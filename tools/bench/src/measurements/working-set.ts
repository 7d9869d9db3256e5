// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { fewRuns, inTurns, startPlugin, type Measurement } from '../bench.ts';
import { atMost, type Metric } from '../metric.ts';
import type { Cgroup } from '../cgroup.ts';
import type { Variant } from '../variant.ts';
import { createMemoryGroup, readWorkingSetMiB } from '../working-set.ts';

const idle: Metric = {
  key: 'workingset.idle',
  label: 'working set (kubectl top) idle, 5 s after start',
  unit: 'MiB',
  target: atMost(18),
};

const settleMs = 5_000;

export const workingSet: Measurement = {
  name: 'working-set',
  metrics: [idle],
  async run(bench, signal) {
    await using probe = await createMemoryGroup();
    if (probe === undefined) {
      for (const variant of bench.variants) {
        bench.results.remark(workingSet.metrics, variant, 'not measured: no writable memory cgroup');
      }
      return;
    }
    await inTurns({ ...bench, runs: fewRuns(bench) }, workingSet, bench.variants, signal, async (variant) => {
      await using plugin = await startPlugin(bench, startedIn(probe, variant), signal);
      await plugin.listed(1);
      await sleep(settleMs, undefined, { signal });
      bench.results.add(idle, variant, await readWorkingSetMiB(probe));
    });
  },
};

/** From its first page on: what a process has before it is moved to a cgroup stays charged to the last one. */
function startedIn({ path }: Cgroup, variant: Variant): Variant {
  const enter = ['/bin/sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', path];
  return { ...variant, command: (site) => [...enter, ...variant.command(site)] };
}
