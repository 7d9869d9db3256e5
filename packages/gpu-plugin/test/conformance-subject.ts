// SPDX-License-Identifier: Apache-2.0
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ConformanceRun,
  type ConformanceSubject,
  HostFixture,
  type InventoryHooks,
  link,
  nodeClock,
  type Place,
  silence,
} from '@kube-device-plugins/testkit';
import { bdfOf, behindLink, cardTree, gpuTree, temperatureFile, type FakeCard } from './fixtures/gpu-tree.ts';

/** What the image runs: it starts in a third of the time of its sources, of which there are a hundred starts here. */
const main = join(import.meta.dirname, '../../../dist/gpu-plugin/main.mjs');

/**
 * It prepares nothing before a container starts, always has preferences, its shares are `card0-0` and `card0-1`, not `card0::0`, and its
 * names of devices are those of the kernel.
 */
const notApplicable = ['PS-01', 'PS-02', 'PS-03', 'PA-06', 'AL-18', 'LI-11'];
/** In step with the scan by health that needs one reading, as the limits of the clauses leave time for no more. */
const health = ['-health-source', 'sysfs', '-health-bad-readings', '1', '-health-good-readings', '1'];
const balanced = ['-allocation-policy', 'balanced'];
const directories = ['-device-plugin-path', '{dir}', '-cdi-dir', '{cdi}', '-prefix', '{prefix}'];
const command = [process.execPath, main, ...directories, '-scan-period', '500ms'] as const;
const silent = ['-metrics-bind-address', '0'];

function subject(flags: readonly string[], hooks: InventoryHooks): ConformanceSubject {
  return {
    command: [...command, ...silent, ...flags],
    fatalCommand: [...command, ...silent, ...flags, '-allow-ids', 'none'],
    badNameCommand: [...command, ...silent, ...flags, '-resource-name-template=-{driver}-'],
    watcherCommand: [...command, ...silent, ...flags, '-registration=watcher', '-plugins-registry-path={registry}'],
    env: {},
    resources: ['gpu.intel.com/i915', 'gpu.intel.com/xe'],
    hooks,
  };
}

const usual: InventoryHooks = {
  prepare: async (place) => {
    const tree = gpuTree({ 0: cool, 1: cool, 2: cool, 3: cool, 4: { ...cool, driver: 'xe' } });
    await onHost(place).add({ ...behindLink(tree), 'sys/class/drm': link('drm.real') });
  },
  // The nodes come last, and a card without them is not there.
  add: async (place, id) => {
    await onHost(place).add(behindLink(cardTree(id === undefined ? 9 : numberOf(id), cool)));
  },
  remove: async (place, id) => {
    const number = numberOf(id);
    for (const name of [`renderD${number + 128}`, `card${number}`]) await onHost(place).remove(`dev/dri/${name}`);
  },
  fail: async (place, id) => {
    await heat(place, id, 120);
  },
  recover: async (place, id) => {
    await heat(place, id, 40);
  },
  empty: async (place) => {
    await onHost(place).add({ ...behindLink(gpuTree({})), 'sys/class/drm': link('drm.real') });
  },
  // A vendor that is no file.
  breakProbe: async ({ prefix }, id) => {
    const vendor = join(prefix, `sys/devices/pci0000:00/${bdfOf(numberOf(id))}/vendor`);
    await rm(vendor);
    await mkdir(vendor);
  },
  hangProbe: (place, id) => onHost(place).add({ [temperatureFile(numberOf(id))]: silence() }),
  // A link to itself, put there in one step.
  breakScan: async ({ prefix }) => {
    await symlink('drm', join(prefix, 'sys/class/drm.new'));
    await rename(join(prefix, 'sys/class/drm.new'), join(prefix, 'sys/class/drm'));
  },
};

const cool: FakeCard = { celsius: 40 };

/** In one step, so that nobody reads half of it. */
async function heat({ prefix }: Place, id: string, celsius: number): Promise<void> {
  const sensor = join(prefix, temperatureFile(numberOf(id)));
  await writeFile(`${sensor}.new`, `${celsius * 1000}\n`);
  await rename(`${sensor}.new`, sensor);
}

async function populate(place: Place, count: number): Promise<void> {
  await onHost(place).add(
    gpuTree(Object.fromEntries(Array.from({ length: count / 1000 }, (_, number) => [number, cool]))),
  );
}

async function overfill(place: Place): Promise<void> {
  await onHost(place).add(gpuTree({ 0: {}, 1: {}, 2: {} }));
}

/** `card2-0` is of card 2. */
function numberOf(id: string): number {
  return Number(/^card(\d+)-/.exec(id)?.[1]);
}

function onHost({ prefix }: Place): HostFixture {
  return new HostFixture(prefix);
}

/** One card with the driver xe comes to those with i915. */
const withOneResource: ConformanceSubject = {
  ...subject([...health], {
    ...usual,
    prepare: async (place) => await onHost(place).add(gpuTree({ 0: cool, 1: cool, 2: cool })),
    addResource: async (place) => await onHost(place).add(cardTree(4, { ...cool, driver: 'xe' })),
  }),
  resources: ['gpu.intel.com/i915'],
};
const observed: ConformanceSubject = {
  ...subject([], { ...usual, ...nodeClock.hooks }),
  command: [...command, '-metrics-bind-address', '127.0.0.1:{port}'],
  env: nodeClock.env,
};
/** Told of pods, by the kubelet's own socket. */
const toldOfPods: ConformanceSubject = {
  ...subject([], usual),
  command: [...command, ...silent, '-pod-resources-socket', '{podresources}'],
};
const withoutCards: InventoryHooks = Object.fromEntries(Object.entries(usual).filter(([name]) => name !== 'prepare'));
const elsewhere = ['LI-09', 'PA-08', 'RB-14', 'LI-10', 'ST-12', 'ST-14', 'RB-16', 'HP-08', 'RB-13', 'HP-03'];

/** How it is examined. */
export const conformanceRuns: readonly ConformanceRun[] = [
  { subject: subject([...health, ...balanced], usual), options: { skip: [...notApplicable, ...elsewhere] } },
  // By itself, for it measures pauses.
  { subject: subject([], usual), options: { only: ['ST-12'] } },
  {
    subject: subject([...health, '-shared-dev-num', '1000'], { ...withoutCards, populate }),
    options: { only: ['LI-09', 'PA-08', 'RB-14'] },
  },
  { subject: subject(['-shared-dev-num', '100000'], { overfill }), options: { only: ['LI-10'] } },
  { subject: withOneResource, options: { only: ['HP-08'] } },
  { subject: observed, options: { only: ['ST-14', 'RB-13', 'RB-16'] } },
  { subject: toldOfPods, options: { only: ['HP-03'] } },
];
