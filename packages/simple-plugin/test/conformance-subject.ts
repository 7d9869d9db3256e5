// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type ConformanceRun,
  type ConformanceSubject,
  type InventoryHooks,
  type Place,
  nodeClock,
} from '@kube-device-plugins/testkit';

/** What the image runs: it starts in a third of the time of its sources, of which there are a hundred starts here. */
const main = join(import.meta.dirname, '../../../dist/simple-plugin/main.mjs');
const resources = ['example.com/red', 'example.com/blue'] as const;

/** It gives no CDI devices, has preferences, prepares nothing, and its look at a node needs no answer of a device. */
const notApplicable = ['AL-16', 'AL-17', 'RB-12', 'PA-06', 'PS-01', 'PS-02', 'PS-03', 'HE-07', 'LI-06'];
const directories = ['-device-plugin-path', '{dir}', '-cdi-dir', '{cdi}', '-prefix', '{prefix}'];
const command = [process.execPath, main, ...directories, '-scan-period', '1s', '-config'] as const;
const silent = ['-metrics-bind-address', '0'];

const hooks: InventoryHooks = {
  prepare: async (place) => {
    const bad = { name: 'example.com/-red-', devices: [{ path: '/dev/blue' }] };
    await replace(`${place.inventory}.bad`, JSON.stringify({ resources: [bad] }));
    await write(place, first);
  },
  populate,
  overfill: async (place) => await simulate(place, 100_000, 'p'.repeat(50)),
  add: async (place, id) => await change(place, (ids) => [...ids, id ?? 'kdp9']),
  remove: async (place, id) => await change(place, (ids) => ids.filter((other) => other !== nodeOf(id))),
  fail: async ({ prefix }, id) => await rm(join(prefix, 'dev', nodeOf(id))),
  recover: async ({ prefix }, id) => await plug(prefix, nodeOf(id)),
  breakProbe: async ({ prefix }, id) => {
    await rm(join(prefix, 'dev', nodeOf(id)));
    await mkdir(join(prefix, 'dev', nodeOf(id)));
  },
  breakScan: async ({ inventory }) => await writeFile(inventory, 'resources: ['),
  empty: async (place) => {
    nodes.set(place.inventory, []);
    await write(place, []);
  },
  addResource: async ({ inventory }) => {
    const { resources: known } = JSON.parse(await readFile(inventory, 'utf8')) as { resources: object[] };
    const green = { name: 'example.com/green', devices: [{ path: '/dev/blue' }] };
    await replace(inventory, JSON.stringify({ resources: [...known, green] }));
  },
  addOdd: async (place) => await change(place, (ids) => [...ids, 'kdp'.repeat(30), 'gerät']),
};

const subject: ConformanceSubject = {
  command: [...command, '{inventory}', ...silent],
  fatalCommand: [...command, '{inventory}.missing', ...silent],
  badNameCommand: [...command, '{inventory}.bad', ...silent],
  watcherCommand: [...command, '{inventory}', ...silent, '-registration=watcher', '-plugins-registry-path={registry}'],
  env: {},
  resources,
  hooks,
};

/** With its figures, and by a clock that somebody sets. */
const observed: ConformanceSubject = {
  ...subject,
  command: [...command, '{inventory}', '-metrics-bind-address', '127.0.0.1:{port}'],
  env: nodeClock.env,
  hooks: { ...hooks, ...nodeClock.hooks },
};
/** Told of pods, by the kubelet's own socket. */
const toldOfPods: ConformanceSubject = {
  ...subject,
  command: [...subject.command, '-pod-resources-socket', '{podresources}'],
};
const whenObserved = ['ST-14', 'RB-13', 'RB-16'];

/** How it is examined. */
export const conformanceRuns: readonly ConformanceRun[] = [
  { subject, options: { skip: [...notApplicable, ...whenObserved, 'HP-03'] } },
  { subject: observed, options: { only: whenObserved } },
  { subject: toldOfPods, options: { only: ['HP-03'] } },
];

const first = ['kdp0', 'kdp1', 'kdp2'];
const shared = 'shared';
/** The nodes of each place: that of a configuration is what is in it. */
const nodes = new Map<string, readonly string[]>();

/** Shares of a device, such as `shared::0`, are of one node. */
function nodeOf(id: string): string {
  return id.split('::')[0] ?? id;
}

async function change(place: Place, to: (ids: readonly string[]) => readonly string[]): Promise<void> {
  await write(place, [...new Set(to(nodes.get(place.inventory) ?? [...first, shared]))]);
}

/** The devices of the first resource. */
async function write(place: Place, ids: readonly string[]): Promise<void> {
  const all = nodes.has(place.inventory) ? ids : [...ids, shared];
  nodes.set(place.inventory, all);
  for (const id of [...all, 'blue']) await plug(place.prefix, id);
  const devices = all.map((id) => ({ path: `/dev/${id}`, ...(id === shared && { count: 2 }) }));
  const [red, blue] = resources;
  await replace(
    place.inventory,
    JSON.stringify({
      resources: [
        { name: red, devices: devices.length > 0 ? devices : [{ path: '/dev/nothing*' }] },
        { name: blue, devices: [{ path: '/dev/blue' }] },
      ],
    }),
  );
}

/** So many devices, by shares of at most a thousand nodes, which is what a configuration may list. */
async function populate({ prefix, inventory }: Place, count: number): Promise<void> {
  const names = Array.from({ length: Math.min(count, 1000) }, (_, i) => `many${i}`);
  for (const name of names) await plug(prefix, name);
  const devices = names.map((name) => ({ path: `/dev/${name}`, count: Math.ceil(count / names.length) }));
  await replace(inventory, JSON.stringify({ resources: [{ name: resources[0], devices }] }));
}

async function simulate({ inventory }: Place, count: number, prefix: string): Promise<void> {
  const [resourceName] = resources;
  await replace(inventory, JSON.stringify({ resourceName, numberDevicesOnNode: count, deviceIDPrefix: prefix }));
}

async function plug(prefix: string, name: string): Promise<void> {
  const path = join(prefix, 'dev', name);
  await mkdir(dirname(path), { recursive: true });
  await replace(path, 'c 1:3');
}

/** In one step, so that nobody reads half of it. */
async function replace(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}
