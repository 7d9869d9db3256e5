// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fewRuns, inTurns, ownOnly, type Bench, type Measurement } from '../bench.ts';
import type { Metric } from '../metric.ts';
import { PluginProcess } from '../plugin-process.ts';
import { readActivity, readMemory } from '../proc.ts';
import type { Variant } from '../variant.ts';

/** Devices of each resource. */
const devices = 4;
/** Resources of each process. */
const resources = 200;
const processes = 5;

const one = {
  listed: { key: 'resources.listed', label: '200 resources, 1 process: start → last list', unit: 'ms' },
  cpu: { key: 'resources.cpu', label: '  CPU until then', unit: 'ms' },
  rss: { key: 'resources.rss', label: '  RSS idle, 5 s later', unit: 'MiB' },
  files: { key: 'resources.files', label: '  open files', unit: '' },
  idle: { key: 'resources.idle', label: '  idle CPU', unit: 'ms/min' },
} as const satisfies Record<string, Metric>;

const all = {
  listed: { key: 'registrations.listed', label: '1,000 resources, 5 processes: start → last list', unit: 'ms' },
  cpu: { key: 'registrations.cpu', label: '  CPU of the plugins until then', unit: 'ms' },
  meter: { key: 'registrations.meter', label: '  CPU of the one kubelet, which is the meter', unit: 'ms' },
  calls: { key: 'registrations.calls', label: '  calls of Register', unit: '' },
} as const satisfies Record<string, Metric>;

/** Many resources of one process, and as many registrations as of a thousand plugins with one kubelet. */
export const manyResources: Measurement = {
  name: 'many-resources',
  metrics: [...Object.values(one), ...Object.values(all)],
  async run(bench, signal) {
    const variants = ownOnly(bench, manyResources.metrics);
    await inTurns({ ...bench, runs: fewRuns(bench) }, manyResources, variants, signal, async (variant) => {
      await measureOne(bench, variant, signal);
      await measureAll(bench, variant, signal);
    });
  },
};

async function measureOne(bench: Bench, variant: Variant, signal: AbortSignal): Promise<void> {
  const { meter, sites, results, isQuick } = bench;
  const site = await sites.create({ devices, resources: { count: resources, group: 0 } });
  await using plugin = await PluginProcess.start(variant, site, meter, signal);
  const { lastAtMs } = await plugin.listedResources(resources);
  const { cpuMs } = await readActivity(plugin.pid);
  results.add(one.listed, variant, lastAtMs - plugin.spawnedAtMs);
  results.add(one.cpu, variant, cpuMs);
  await sleep(settleMs, undefined, { signal });
  results.add(one.rss, variant, (await readMemory(plugin.pid)).rssMiB);
  results.add(one.files, variant, (await readdir(`/proc/${plugin.pid}/fd`)).length);
  const before = await readActivity(plugin.pid);
  const windowMs = isQuick ? 5_000 : 20_000;
  await sleep(windowMs, undefined, { signal });
  const after = await readActivity(plugin.pid);
  results.add(one.idle, variant, ((after.cpuMs - before.cpuMs) / windowMs) * 60_000);
}

async function measureAll(bench: Bench, variant: Variant, signal: AbortSignal): Promise<void> {
  const { meter, sites, results } = bench;
  const places = await Promise.all(
    Array.from({ length: processes }, (_, group) => sites.create({ devices, resources: { count: resources, group } })),
  );
  const [first] = places;
  if (first === undefined) return;
  await using stack = new AsyncDisposableStack();
  const plugins: PluginProcess[] = [];
  for (const [index, place] of places.entries()) {
    const site = { ...place, plugins: first.plugins };
    const open = index === 0 ? 'open' : 'opened';
    plugins.push(stack.use(await PluginProcess.start(variant, site, meter, signal, open)));
  }
  const startMs = Math.min(...plugins.map(({ spawnedAtMs }) => spawnedAtMs));
  const figures = await Promise.race(plugins.map((plugin) => plugin.listedResources(processes * resources)));
  const activities = await Promise.all(plugins.map(({ pid }) => readActivity(pid)));
  results.add(all.listed, variant, figures.lastAtMs - startMs);
  results.add(
    all.cpu,
    variant,
    activities.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  );
  results.add(all.meter, variant, figures.meterCpuMs);
  results.add(all.calls, variant, figures.registrations);
}

const settleMs = 5_000;
