// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Budgets, ConformanceSubject, Place } from '../src/index.ts';
import type { InventoryDevice } from './broken-plugin/inventory.ts';

const main = join(import.meta.dirname, 'broken-plugin/main.ts');

/** The plugin by hand with these arguments, such as a defect. */
export function brokenSubject(...args: readonly string[]): ConformanceSubject {
  const resources = ['example.com/red', 'example.com/blue'] as const;
  const named = resources.flatMap((resource) => ['--resource', resource]);
  const places = [
    '--dir',
    '{dir}',
    '--inventory',
    '{inventory}',
    '--port',
    '{port}',
    '--podresources',
    '{podresources}',
  ];
  const common = [process.execPath, main, ...places] as const;
  return {
    command: [...common, ...named, ...args],
    fatalCommand: [...common, ...args],
    badNameCommand: [...common, '--resource', 'example.com/-red-', ...args],
    watcherCommand: [...common, ...named, '--registry', '{registry}', ...args],
    resources,
    hooks: {
      prepare: async (place) => {
        await mkdir(join(place.prefix, 'sys/devices/system/node/node0'), { recursive: true });
        await write(place, devices);
      },
      populate: async (place, count) => await write(place, many(count, 'device-')),
      overfill: async (place) => await write(place, many(70_000, 'a-device-with-an-id-as-long-as-ids-can-be-')),
      add: async (place, id = 'd9') => await change(place, (all) => [...all, { id: bare(id) }]),
      remove: async (place, id) => await change(place, (all) => all.filter((device) => device.id !== bare(id))),
      fail: async (place, id) => await set(place, id, { state: 'failed' }),
      recover: async (place, id) => await set(place, id, {}),
      breakProbe: async (place, id) => await set(place, id, { state: 'probe fails' }),
      breakScan: async ({ inventory }) => await rm(inventory),
      hangProbe: async (place, id) => await set(place, id, { state: 'probe hangs' }),
      empty: async (place) => await write(place, []),
      addResource: async (place) => await change(place, (all) => [...all, { id: 'g0', resource: 'example.com/green' }]),
      addOdd: async (place) => await change(place, (all) => [...all, { id: 'd'.repeat(100) }, { id: 'gerät' }]),
      shiftClock: async ({ inventory }, seconds) => {
        const path = `${inventory}.clock`;
        const shifted = Number(await readFile(path, 'utf8').catch(() => '0'));
        await writeFile(path, String(shifted + seconds));
      },
    },
  };
}

/** As short as a plugin needs them that looks for changes every few milliseconds, and as long as a busy machine does. */
export const shortBudgets: Partial<Budgets> = {
  registerMs: 6_000,
  firstListMs: 1_500,
  changeMs: 1_500,
  exitMs: 4_000,
  graceMs: 4_000,
  idleMs: 800,
  registerDeadlineMs: { min: 500, max: 6_000 },
  unwatchedMs: 6_000,
  stormMs: 4_000,
  callMs: 4_000,
  allocateMs: 2_000,
  preferMs: 300,
  flapMs: 1_500,
  churnMs: 3_000,
  pingMs: 150,
  preStartMs: 2_000,
};

const devices: readonly InventoryDevice[] = [
  { id: 'd0', numaNode: 0 },
  { id: 'd1' },
  { id: 'd2' },
  { id: 's::0' },
  { id: 's::1' },
];

/** The defects with odd ids have spaces in them, or the number of the process. */
function bare(id: string): string {
  return id.replace(' ', '').replace(/@\d+$/, '');
}

function many(count: number, prefix: string): InventoryDevice[] {
  return Array.from({ length: count }, (_, i) => ({ id: `${prefix}${i}`, numaNode: 0 }));
}

async function set(place: Place, id: string, state: Partial<InventoryDevice>): Promise<void> {
  await change(place, (all) =>
    all.map((device) => {
      if (device.id !== bare(id)) return device;
      const { numaNode } = device;
      return { id: device.id, ...(numaNode !== undefined && { numaNode }), ...state };
    }),
  );
}

async function change(
  place: Place,
  to: (all: readonly InventoryDevice[]) => readonly InventoryDevice[],
): Promise<void> {
  await write(place, to(JSON.parse(await readFile(place.inventory, 'utf8')) as InventoryDevice[]));
}

/** In one step: the plugin never reads half of it. */
async function write({ inventory }: Place, content: readonly InventoryDevice[]): Promise<void> {
  await writeFile(`${inventory}.new`, JSON.stringify(content));
  await rename(`${inventory}.new`, inventory);
}
