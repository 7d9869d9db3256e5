// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  type ConformanceRun,
  type ConformanceSubject,
  type FixtureTree,
  HostFixture,
  type InventoryHooks,
  link,
  nodeClock,
  type Place,
  silence,
} from '@kube-device-plugins/testkit';
import { cryptoPf, drivers, pfTree, type PfFixture } from './fixtures/qat-host.ts';

/** What the image runs: it starts in a third of the time of its sources, of which there are a hundred starts here. */
const main = join(import.meta.dirname, '../../../dist/qat-plugin/main.mjs');
const resources = ['qat.intel.com/cy', 'qat.intel.com/dc'] as const;

/** It gives no CDI devices, shares none, prepares nothing, no host has the 100,000 VFs that would be too many for a list, and names of
 * devices and resources are the kernel's.
 */
const notApplicable = [
  ...['AL-16', 'AL-17', 'RB-12', 'AL-18', 'LI-10', 'LI-11', 'PA-06', 'PS-01', 'PS-02', 'PS-03'],
  'ST-18',
];
/** What it does otherwise, on purpose, and what its host cannot do. */
export const exceptions: Readonly<Record<string, string>> = {
  'AL-15': 'variables are QAT0 and so on in each resource, as those of Intel’s plugin, which workloads read',
  'RB-14': 'the many virtual functions of its host have one heartbeat, and fail together',
};
const directories = ['-device-plugin-path', '{dir}', '-cdi-dir', '{cdi}', '-prefix', '{prefix}'];
const limits = ['-scan-period', '500ms', '-max-num-devices', '20000', '-allocation-policy', 'balanced'];
const command = [process.execPath, main, ...directories, ...limits] as const;
const silent = ['-metrics-bind-address', '0'];

const hooks: InventoryHooks = {
  prepare: (place) => done(() => populate(place, 3)),
  populate: populateBarely,
  add: (place, id) => done(() => plugIn(place, pfOf(id ?? idOf(spare)))),
  remove: (place, id) => done(() => unplug(place, pfOf(id))),
  fail: (place, id) => done(() => write(place, { [heartbeatOf(id)]: '-1\n\0' })),
  recover: (place, id) => done(() => write(place, { [heartbeatOf(id)]: '0\n\0' })),
  breakProbe: (place, id) =>
    done(() => {
      rmSync(join(place.prefix, heartbeatOf(id)));
      mkdirSync(join(place.prefix, heartbeatOf(id)));
    }),
  hangProbe: (place, id) => onHost(place).add({ [heartbeatOf(id)]: silence() }),
  breakScan: (place) =>
    done(() => {
      rmSync(join(place.prefix, driverDirectory), { recursive: true });
      symlinkSync('4xxx', join(place.prefix, driverDirectory));
    }),
  empty: (place) => done(() => populate(place, 0)),
  addResource: (place) =>
    done(() => plugIn(place, { ...pfOf('fffe:00:00.1'), files: { 'qat/state': 'up\n', 'qat/cfg_services': 'sym\n' } })),
};

const subject: ConformanceSubject = {
  command: [...command, ...silent],
  fatalCommand: [...command, ...silent, '-dpdk-driver', 'uio'],
  watcherCommand: [...command, ...silent, '-registration=watcher', '-plugins-registry-path={registry}'],
  env: {},
  resources,
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
  { subject, options: { skip: [...notApplicable, ...Object.keys(exceptions), ...whenObserved, 'HP-03'] } },
  { subject: observed, options: { only: whenObserved } },
  { subject: toldOfPods, options: { only: ['HP-03'] } },
];

const driverDirectory = '/sys/bus/pci/drivers/4xxx';
/** The bus of a PF that is not there at first. */
const spare = 200;

/** So many VFs for crypto, each with a PF of its own, and one for compression. */
function populate(place: Place, count: number): void {
  write(place, { ...drivers('vfio-pci'), '/dev/vfio/vfio': 'c 10:196' });
  plugIn(place, { ...pfOf('ffff:00:00.1'), files: { 'qat/state': 'up\n', 'qat/cfg_services': 'dc\n' } });
  for (let index = 0; index < count; index++) plugIn(place, pfOf(idOf(index)));
}

/** Very many VFs with no more than the plugin reads of them. */
async function populateBarely(place: Place, count: number): Promise<void> {
  populate(place, 1);
  const { bdf } = pfOf(idOf(0));
  const parent = `/sys/devices/pci${bdf.slice(0, -5)}`;
  unplug(place, pfOf(idOf(0)));
  for (let index = 0; index < count; index++) {
    const id = idOf(index);
    write(place, {
      [`/dev/vfio/${index}`]: 'c 240:1',
      [`${parent}/${id}/driver`]: link('../vfio-pci'),
      [`${parent}/${id}/iommu_group`]: link(`../${index}`),
      [`${parent}/${bdf}/virtfn${index}`]: link(`../${id}`),
    });
    // The kubelets of other clauses run in this process.
    if (index % 20 === 0) await setImmediate();
  }
  plugIn(place, { ...pfOf(idOf(0)), vfs: [] });
}

function plugIn(place: Place, pf: PfFixture): void {
  for (const { group = '' } of pf.vfs ?? []) {
    write(place, {
      [`/dev/vfio/${group}`]: `c 240:${group}`,
      [`/sys/devices/virtual/vfio/${group}/uevent`]: '',
      [`/sys/dev/char/240:${group}`]: link(`../../devices/virtual/vfio/${group}`),
    });
  }
  write(place, pfTree(pf));
}

function idOf(index: number): string {
  const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0');
  return `${hex(Math.floor(index / 256), 4)}:${hex(index % 256, 2)}:00.1`;
}

/** The PF of a VF, which is its only one. */
function pfOf(id: string): PfFixture {
  const pf = cryptoPf('00', 1);
  const bus = id.slice(0, -4);
  const vfs = (pf.vfs ?? []).map((vf) => ({ ...vf, bdf: `${bus}${vf.bdf.slice(8)}`, group: groupOf(bus, vf.bdf) }));
  return { ...pf, bdf: `${bus}00.0`, vfs };
}

function groupOf(bus: string, bdf: string): string {
  return String(Number.parseInt(`${bus}${bdf.slice(8)}`.replaceAll(/\W/g, ''), 16));
}

function heartbeatOf(id: string): string {
  return `/sys/kernel/debug/qat_4xxx_${pfOf(id).bdf}/heartbeat/status`;
}

/** The link by which the plugin finds a PF goes first. */
function unplug({ prefix }: Place, { bdf, vfs = [] }: PfFixture): void {
  rmSync(join(prefix, driverDirectory, bdf), { force: true });
  for (const address of [bdf, ...vfs.map((vf) => vf.bdf)]) {
    rmSync(join(prefix, '/sys/bus/pci/devices', address), { force: true });
    rmSync(join(prefix, `/sys/devices/pci${bdf.slice(0, -5)}/${address}`), { recursive: true, force: true });
  }
}

/** Synchronous, for there are some ten thousand files. */
function write({ prefix }: Place, tree: FixtureTree): void {
  for (const [path, entry] of Object.entries(tree)) {
    const place = join(prefix, path);
    mkdirSync(dirname(place), { recursive: true });
    if (typeof entry === 'string') writeFileSync(place, entry);
    if (typeof entry === 'string' || entry.kind !== 'link') continue;
    rmSync(place, { force: true });
    symlinkSync(entry.target, place);
  }
}

function onHost({ prefix }: Place): HostFixture {
  return new HostFixture(prefix);
}

function done(change: () => void): Promise<void> {
  change();
  return Promise.resolve();
}
