// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurns, startPlugin, type Measurement } from '../bench.ts';
import { atMost, type Metric } from '../metric.ts';
import { readMemory } from '../proc.ts';
import { median } from '../statistics.ts';

const devices = 10_000;
const streams = 10;

const toList: Metric = {
  key: 'many.list',
  label: 'start → first list, 10,000 devices',
  unit: 'ms',
  target: atMost(130),
};
const newStream: Metric = {
  key: 'many.relist',
  label: 'new stream, 10,000 devices, warm',
  unit: 'ms',
  target: atMost(3),
};
const rss: Metric = { key: 'many.rss', label: 'RSS, 10,000 devices', unit: 'MiB' };

export const manyDevices: Measurement = {
  name: 'many-devices',
  metrics: [toList, newStream, rss],
  async run(bench, signal) {
    for (const variant of bench.variants.filter(({ canHaveMany }) => !canHaveMany)) {
      bench.results.remark(manyDevices.metrics, variant, 'not measured: no {copies}');
    }
    const variants = bench.variants.filter(({ canHaveMany }) => canHaveMany);
    await inTurns(bench, manyDevices, variants, signal, async (variant) => {
      await using plugin = await startPlugin(bench, variant, signal, devices);
      const listedAtMs = await plugin.listed(devices);
      const streamsMs: number[] = [];
      for (let stream = 0; stream < streams; stream += 1) {
        await sleep(30, undefined, { signal });
        streamsMs.push(await plugin.relist());
      }
      bench.results.add(toList, variant, listedAtMs - plugin.spawnedAtMs);
      bench.results.add(newStream, variant, median(streamsMs));
      bench.results.add(rss, variant, (await readMemory(plugin.pid)).rssMiB);
    });
  },
};
