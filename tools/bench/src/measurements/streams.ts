// SPDX-License-Identifier: Apache-2.0
import { fewRuns, inTurns, ownOnly, startPlugin, type Measurement } from '../bench.ts';
import { clockMs } from '../meter/clock.ts';
import type { Metric } from '../metric.ts';
import { readActivity, readMemory } from '../proc.ts';

const readers = 50;
const devices = 1_000;

const slowest: Metric = {
  key: 'streams.slowest',
  label: '50 streams of 1,000 devices: one fails → last message',
  unit: 'ms',
};
const p50: Metric = { key: 'streams.p50', label: '  p50 of the streams', unit: 'ms' };
const cpu: Metric = { key: 'streams.cpu', label: '  CPU for that', unit: 'ms' };
const bytes: Metric = { key: 'streams.bytes', label: '  bytes of each message', unit: 'B' };
const rss: Metric = { key: 'streams.rss', label: '  RSS after that', unit: 'MiB' };

/** Many readers of one resource. That each of them is told the last state is a condition: a run in which one is not has failed. */
export const streams: Measurement = {
  name: 'streams',
  metrics: [slowest, p50, cpu, bytes, rss],
  async run(bench, signal) {
    const variants = ownOnly(bench, streams.metrics);
    await inTurns({ ...bench, runs: fewRuns(bench) }, streams, variants, signal, async (variant) => {
      await using plugin = await startPlugin(bench, variant, signal, devices);
      await plugin.listed(devices);
      await plugin.openStreams(readers, devices);
      const before = await readActivity(plugin.pid);
      const failedAtMs = clockMs();
      // The script of the site has its first device fail then.
      process.kill(plugin.pid, 'SIGUSR2');
      const told = await plugin.toldStreams(devices - 1, failedAtMs);
      const { cpuMs } = await readActivity(plugin.pid);
      bench.results.add(slowest, variant, told.slowestMs);
      bench.results.add(p50, variant, told.p50Ms);
      bench.results.add(cpu, variant, cpuMs - before.cpuMs);
      bench.results.add(bytes, variant, told.listBytes);
      bench.results.add(rss, variant, (await readMemory(plugin.pid)).rssMiB);
    });
  },
};
