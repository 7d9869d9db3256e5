// SPDX-License-Identifier: Apache-2.0
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  dir,
  type ConformanceRun,
  type ConformanceSubject,
  type FixtureTree,
  HostFixture,
  type InventoryHooks,
  link,
  nodeClock,
  type Place,
} from '@kube-device-plugins/testkit';
import { allOnes, ce48, d842, fpgaHost, pciDirectory, type CardFixture } from './fixtures/fpga-host.ts';

/** What the image runs: it starts in a third of the time of its sources, of which there are a hundred starts here. */
const main = join(import.meta.dirname, '../../../dist/fpga-plugin/main.mjs');

const bfac = 'bfac4d851ee856fe8c95865ce1bbaa2d';

/**
 * It has no preferences, prepares nothing, shares nothing, no host has 10,000 FPGAs, and names of devices and resources are the
 * kernel's. It reads registers, which always answer.
 */
const notApplicable = [
  ...['PA-01', 'PA-02', 'PA-03', 'PA-04', 'PA-05', 'PA-07', 'PA-08', 'PA-09', 'PS-01', 'PS-02', 'PS-03', 'AL-18'],
  ...['LI-09', 'LI-10', 'LI-11', 'RB-14', 'ST-18', 'HE-07'],
];
const directories = ['-device-plugin-path', '{dir}', '-cdi-dir', '{cdi}', '-prefix', '{prefix}'];
const command = [process.execPath, main, ...directories, '-scan-period', '500ms', '-mode', 'region'] as const;
const silent = ['-metrics-bind-address', '0'];

const hooks: InventoryHooks = {
  prepare: async (place) => {
    await onHost(place).add({
      ...behindLink(fpgaHost(cardOf(0), cardOf(1), cardOf(2), { ...cardOf(3), fmes: { 3: bfac } })),
      '/sys/class/fpga_region': link('fpga_region.real'),
    });
  },
  add: async (place, id) => {
    await onHost(place).add(behindLink(fpgaHost(cardOf(id === undefined ? 9 : numberOf(id)))));
  },
  remove: async (place, id) => {
    const number = numberOf(id);
    await onHost(place).remove(`/sys/class/fpga_region.real/region${number}`);
    for (const name of [`dfl-port.${number}`, `dfl-fme.${number}`]) await onHost(place).remove(`/dev/${name}`);
  },
  // All ones, as hardware reads that does not answer.
  fail: (place, id) => onHost(place).write(idFileOf(id), `${allOnes}\n`),
  recover: (place, id) => onHost(place).write(idFileOf(id), `${ce48}\n`),
  // An id that is no file.
  breakProbe: async ({ prefix }, id) => {
    const file = join(prefix, idFileOf(id));
    await rm(file);
    await mkdir(file);
  },
  // A link to itself, put there in one step.
  breakScan: async ({ prefix }) => {
    const directory = join(prefix, 'sys/class/fpga_region');
    await symlink('fpga_region', `${directory}.new`);
    await rename(`${directory}.new`, directory);
  },
  empty: async (place) => {
    await onHost(place).add({
      '/sys/class/fpga_region.real': dir(),
      '/sys/class/fpga_region': link('fpga_region.real'),
    });
  },
  addResource: async (place) => {
    await onHost(place).add(behindLink(fpgaHost({ ...cardOf(8), fmes: { 8: 'a'.repeat(32) } })));
  },
};

const subject: ConformanceSubject = {
  command: [...command, ...silent],
  fatalCommand: [...command, ...silent, '-mode', 'dpdk'],
  watcherCommand: [...command, ...silent, '-registration=watcher', '-plugins-registry-path={registry}'],
  env: {},
  resources: [`fpga.intel.com/region-${ce48}`, `fpga.intel.com/region-${bfac}`],
  hooks,
};
const observed: ConformanceSubject = {
  ...subject,
  command: [...command, '-metrics-bind-address', '127.0.0.1:{port}'],
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

function cardOf(number: number): CardFixture {
  const bdf = `0000:3${number}:00.0`;
  return { driver: 'dfl', number, bdf, fmes: { [number]: ce48 }, ports: { [number]: d842 } };
}

/** `dfl-fme.2` is of card 2. */
function numberOf(id: string): number {
  return Number(/\d+$/.exec(id)?.[0]);
}

/** Where the interface id of a region is. */
function idFileOf(id: string): string {
  const { bdf, number } = cardOf(numberOf(id));
  const fme = `${pciDirectory(bdf)}/fpga_region/region${number}/dfl-fme.${number}`;
  return `${fme}/dfl-fme-region.0/fpga_region/region10/compat_id`;
}

/** With the class in a directory of another name, to which a link leads. */
function behindLink(tree: FixtureTree): FixtureTree {
  return Object.fromEntries(
    Object.entries(tree).map(([path, entry]) => [path.replace(/^\/sys\/class\/fpga_region/, '$&.real'), entry]),
  );
}

function onHost({ prefix }: Place): HostFixture {
  return new HostFixture(prefix);
}
