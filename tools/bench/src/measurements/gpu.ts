// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostFixture } from '@kube-device-plugins/testkit';
import { fewRuns, inTurns, ownOnly, startOn, warmUpScans, type Bench, type Measurement } from '../bench.ts';
import { builtPlugin, bundleVariants } from '../built-plugin.ts';
import { gpuHost, gpuNodes, gpuTemperature } from '@kube-device-plugins/build/hosts/gpu-host';
import { clockMs } from '../meter/clock.ts';
import { atMost, type Metric } from '../metric.ts';
import type { PluginProcess } from '../plugin-process.ts';
import { readActivity } from '../proc.ts';
import { haveScanned, scanCpuMs } from '../scan-cost.ts';
import type { Variant } from '../variant.ts';

/** The rows of one count of cards. */
interface Size {
  readonly cards: number;
  /** Ids of each card. */
  readonly shares: number;
  readonly start: Metric;
  readonly scan: Metric;
  readonly removed: Metric;
  readonly added: Metric;
  readonly failed: Metric;
}

const sizes: readonly Size[] = [sizeOf(8, 1, 5), sizeOf(128, 100, 60)];

function sizeOf(cards: number, shares: number, mostScanMs: number): Size {
  const ids = cards * shares;
  const key = (name: string): string => `gpu.${ids}.${name}`;
  const what = shares === 1 ? `${cards} GPUs` : `${cards} GPUs, ${ids.toLocaleString('en')} ids`;
  return {
    cards,
    shares,
    start: { key: key('start'), label: `${what}: CPU to the first list`, unit: 'ms' },
    scan: { key: key('scan'), label: '  CPU of a scan', unit: 'ms', target: atMost(mostScanMs) },
    removed: { key: key('removed'), label: '  a card goes → message', unit: 'ms', target: atMost(100) },
    added: { key: key('added'), label: '  a card comes → message', unit: 'ms', target: atMost(100) },
    failed: {
      key: key('failed'),
      label: '  a card is too hot, a scan → message',
      unit: 'ms',
      target: atMost(mostScanMs + 50),
    },
  };
}

export const gpu: Measurement = {
  name: 'gpu',
  metrics: sizes.flatMap(({ start, scan, removed, added, failed }) => [start, scan, removed, added, failed]),
  async run(bench, signal) {
    ownOnly(bench, gpu.metrics);
    const few = { ...bench, runs: fewRuns(bench) };
    for (const size of sizes) {
      const { cards, shares, start, scan, removed, added, failed } = size;
      await using host = await bench.sites.createHost(gpuHost(cards));
      const ofSize = { ...gpu, name: `gpu, ${cards} cards` };
      const plugged = { ...ofSize, metrics: [start, scan, removed, added] };
      await inTurns(few, plugged, gpuVariants(shares), signal, (variant) => replug(bench, size, host, variant, signal));
      const judged = { ...ofSize, metrics: [failed] };
      await inTurns(few, judged, gpuVariants(shares, ...withHealth), signal, (variant) =>
        heatUp(bench, size, host, variant, signal),
      );
    }
  },
};

/** Nothing is looked for unless it is asked for. */
const never = '-scan-period=1h';

/** One bad reading is enough. */
const withHealth = ['-health-source=sysfs', '-health-bad-readings=1', '-health-good-readings=1'];

function gpuVariants(shares: number, ...flags: readonly string[]): readonly Variant[] {
  return bundleVariants(builtPlugin('gpu-plugin'), () => [never, `-shared-dev-num=${shares}`, ...flags]);
}

/** The last card goes and comes back. */
async function replug(
  bench: Bench,
  size: Size,
  host: HostFixture,
  variant: Variant,
  signal: AbortSignal,
): Promise<void> {
  await using plugin = await startOn(bench, host, variant, signal);
  const ids = size.cards * size.shares;
  await plugin.listed(ids);
  bench.results.add(size.start, variant, (await readActivity(plugin.pid)).cpuMs);
  bench.results.add(size.scan, variant, await scanCpuMs(plugin, warmUpScans(bench), signal));
  const card = unpluggable(host, size.cards - 1);
  bench.results.add(size.removed, variant, await untilTold(plugin, ids - size.shares, card.remove, signal));
  bench.results.add(size.added, variant, await untilTold(plugin, ids, card.add, signal));
}

/** The last card gets too hot and cools down. */
async function heatUp(
  bench: Bench,
  size: Size,
  host: HostFixture,
  variant: Variant,
  signal: AbortSignal,
): Promise<void> {
  await using plugin = await startOn(bench, host, variant, signal);
  const ids = size.cards * size.shares;
  await plugin.listed(ids);
  await haveScanned(plugin, warmUpScans(bench), signal);
  // sysfs raises no events, so the plugin is told to look.
  const setTemperature = (celsius: number): void => {
    writeFileSync(host.path(gpuTemperature(size.cards - 1)), `${celsius * 1000}\n`);
    process.kill(plugin.pid, 'SIGUSR1');
  };
  const toldMs = await untilTold(plugin, ids - size.shares, () => setTemperature(120), signal);
  bench.results.add(size.failed, variant, toldMs);
  await untilTold(plugin, ids, () => setTemperature(40), signal);
}

/** Milliseconds from a change to the list with so many healthy ids. */
async function untilTold(
  plugin: PluginProcess,
  healthy: number,
  change: () => void,
  signal: AbortSignal,
): Promise<number> {
  await sleep(restMs, undefined, { signal });
  const changedAtMs = clockMs();
  change();
  return (await plugin.first({ kind: 'list', sinceMs: changedAtMs, healthy })) - changedAtMs;
}

/** What the change before has led to is over. */
const restMs = 500;

function unpluggable(host: HostFixture, card: number): { readonly remove: () => void; readonly add: () => void } {
  const nodes = gpuNodes(card).map((path) => host.path(path));
  const spare = host.path('spare');
  mkdirSync(spare, { recursive: true });
  const pairs = nodes.map((node) => ({ node, away: join(spare, basename(node)) }));
  return {
    remove: () => {
      for (const { node, away } of pairs) renameSync(node, away);
    },
    add: () => {
      for (const { node, away } of pairs) renameSync(away, node);
    },
  };
}
