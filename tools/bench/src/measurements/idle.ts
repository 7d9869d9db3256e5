// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt, startPlugin, type Bench, type Measurement } from '../bench.ts';
import { atMost, type Metric } from '../metric.ts';
import type { PluginProcess } from '../plugin-process.ts';
import { readActivity, readMemory } from '../proc.ts';
import type { Variant } from '../variant.ts';

const rss: Metric = { key: 'idle.rss', label: 'RSS idle, 5 s after start', unit: 'MiB', target: atMost(60) };
const anonymous: Metric = { key: 'idle.anonymous', label: '  of it anonymous', unit: 'MiB', target: atMost(15) };
const scrapedRss: Metric = {
  key: 'idle.rss.scraped',
  label: 'RSS idle, after a scrape',
  unit: 'MiB',
  target: atMost(64),
};
const scrapedAnonymous: Metric = {
  key: 'idle.anonymous.scraped',
  label: '  of it anonymous',
  unit: 'MiB',
  target: atMost(17),
};
const pss: Metric = { key: 'idle.pss', label: '  PSS beside the others', unit: 'MiB' };
const cpu: Metric = { key: 'idle.cpu', label: 'idle CPU, 5 s rescans', unit: 'ms/min', target: atMost(15) };
const wakeUps: Metric = { key: 'idle.wakeups', label: 'idle wake-ups', unit: '/min' };

const settleMs = 5_000;
const afterStartMs = 20_000;
const windowMs = { full: 60_000, quick: 20_000 };

interface Idler {
  readonly variant: Variant;
  readonly plugin: PluginProcess;
}

/** All processes at once, as a minute of each in turn would take half an hour; idle as they are, they do not disturb each other. */
export const idle: Measurement = {
  name: 'idle',
  metrics: [rss, anonymous, scrapedRss, scrapedAnonymous, pss, cpu, wakeUps],
  async run(bench, signal) {
    await using stack = new AsyncDisposableStack();
    const idlers: Idler[] = [];
    for (let run = 0; run < bench.runs; run += 1) {
      for (const variant of bench.variants) {
        await attempt(bench, idle.metrics, variant, signal, async () => {
          const plugin = stack.use(await startPlugin(bench, variant, signal));
          await plugin.listed(1);
          idlers.push({ variant, plugin });
        });
      }
    }
    bench.progress(`idle: ${idlers.length} processes`);
    await sleep(settleMs, undefined, { signal });
    await each(bench, idlers, signal, beforeScrape);
    await sleep(1_000, undefined, { signal });
    await each(bench, idlers, signal, afterScrape);
    // V8 collects what the start and the scrape left behind; a plugin that has run for days does not.
    await sleep(afterStartMs, undefined, { signal });
    await each(bench, idlers, signal, (results, idler) => watch(results, idler, bench.isQuick, signal));
  },
};

async function each(
  bench: Bench,
  idlers: readonly Idler[],
  signal: AbortSignal,
  task: (results: Bench['results'], idler: Idler) => Promise<void>,
): Promise<void> {
  await Promise.all(
    idlers.map((idler) => attempt(bench, idle.metrics, idler.variant, signal, () => task(bench.results, idler))),
  );
}

async function beforeScrape(results: Bench['results'], { variant, plugin }: Idler): Promise<void> {
  const memory = await readMemory(plugin.pid);
  results.add(rss, variant, memory.rssMiB);
  results.add(anonymous, variant, memory.anonymousMiB);
  if (!variant.hasMetrics) return;
  const answer = await fetch(`http://127.0.0.1:${plugin.site.metricsPort}/metrics`, {
    headers: { connection: 'close' },
  });
  const page = await answer.text();
  if (answer.status !== 200 || page === '') throw new Error(`/metrics answers ${answer.status}`);
}

async function afterScrape(results: Bench['results'], { variant, plugin }: Idler): Promise<void> {
  const memory = await readMemory(plugin.pid);
  results.add(pss, variant, memory.pssMiB);
  if (!variant.hasMetrics) return;
  results.add(scrapedRss, variant, memory.rssMiB);
  results.add(scrapedAnonymous, variant, memory.anonymousMiB);
}

async function watch(
  results: Bench['results'],
  { variant, plugin }: Idler,
  isQuick: boolean,
  signal: AbortSignal,
): Promise<void> {
  const lengthMs = isQuick ? windowMs.quick : windowMs.full;
  const before = await readActivity(plugin.pid);
  await sleep(lengthMs, undefined, { signal });
  const after = await readActivity(plugin.pid);
  const perMinute = 60_000 / lengthMs;
  results.add(cpu, variant, (after.cpuMs - before.cpuMs) * perMinute);
  results.add(wakeUps, variant, (after.wakeUps - before.wakeUps) * perMinute);
}
