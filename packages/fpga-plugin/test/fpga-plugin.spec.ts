// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Host, type AllocateResponse } from '@kube-device-plugins/core';
import { dir, readListOnce, RunningPlugin } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { FpgaPlugin } from '../src/plugin.ts';
import { ce48, d842, f7df, fpgaHost, type CardFixture } from './fixtures/fpga-host.ts';
import { scanOnce } from './scan-once.ts';
import { command, useWorld } from './world.ts';

const world = useWorld();
const nlb0 = 'fpga.intel.com/af-ce4.d84.zkiWk5jwXzOUbVYHCL4QithCTcSko8QT-J5DNoP5BAs';
const region = `fpga.intel.com/region-${ce48}`;

/** A board with a port of its own, and one that a virtual function has. */
const card: CardFixture = { driver: 'dfl', number: 0, bdf: '0000:3b:00.0', fmes: { 0: ce48 }, ports: { 0: d842 } };
const vf: CardFixture = {
  ...{ driver: 'dfl', number: 1, bdf: '0000:3b:00.1', physicalFunction: '0000:3b:00.0' },
  ...{ ports: { 1: d842 }, pciId: ['0x8086', '0x09c5'] as const },
};
const host = fpgaHost(card, vf);
const nodes = (...names: string[]): unknown =>
  names.map((name) => ({ containerPath: `/dev/${name}`, hostPath: `/dev/${name}`, permissions: 'rw' }));

describe('the plugin', () => {
  it('lists and allocates functions with mode af', async () => {
    await world.start([], host);
    const { socketPath = '', options } = await world.kubelet.waitFor({ resource: nlb0, devices: 2 });
    expect(options).toMatchObject({ preStartRequired: false, getPreferredAllocationAvailable: false });
    expect(await readListOnce(socketPath)).toEqual(
      ['dfl-port.0', 'dfl-port.1'].map((ID) => ({ ID, health: 'Healthy', topology: { nodes: [{ ID: 0 }] } })),
    );
    expect(await world.kubelet.describeDevice(nlb0, 'dfl-port.1')).toEqual({
      envs: {},
      mounts: [],
      annotations: {},
      cdiDevices: [],
      devices: nodes('dfl-port.1'),
    });
  });

  it('gives a region with all of its ports, the annotation and the CDI device with mode region', async () => {
    await world.start(['-mode', 'region'], host);
    await world.kubelet.waitFor({ resource: region, devices: ['dfl-fme.0'] });
    expect(await world.kubelet.describeDevice(region, 'dfl-fme.0')).toEqual({
      envs: {},
      mounts: [],
      annotations: { 'com.intel.fpga.mode': 'fpga.intel.com/region' },
      cdiDevices: [{ name: 'intel.cdi.k8s.io/fpga=dfl-fme.0' }],
      devices: nodes('dfl-port.0', 'dfl-port.1'),
    });
    const directory = join(world.directory, 'cdi');
    await expect.poll(() => readdir(directory).catch(() => [])).toEqual(['intel.cdi.k8s.io-fpga-dfl-fme.0.yaml']);
    expect(await readFile(join(directory, 'intel.cdi.k8s.io-fpga-dfl-fme.0.yaml'), 'utf8')).toBe(`---
cdiVersion: "0.5.0"
kind: "intel.cdi.k8s.io/fpga"
devices:
  - name: "dfl-fme.0"
    containerEdits:
      hooks:
        - hookName: "createRuntime"
          path: "/opt/intel/fpga-sw/intel-fpga-crihook"
`);
  });

  it('gives a region with its management engine with mode regiondevel', async () => {
    await world.start(['-mode=regiondevel'], host);
    await world.kubelet.waitFor({ resource: region, devices: ['dfl-fme.0'] });
    expect(await world.kubelet.describeDevice(region, 'dfl-fme.0')).toMatchObject({
      annotations: {},
      cdiDevices: [],
      devices: nodes('dfl-port.0', 'dfl-port.1', 'dfl-fme.0'),
    });
  });

  it('is idle without a driver, and finds the one that is loaded later', async () => {
    const plugin = await world.start(['-v=4', '-scan-period=1h'], { '/dev/null': '' });
    await expect.poll(() => plugin.stderr).toContain('there is no driver for FPGAs');
    expect(world.kubelet.calls).toEqual([]);
    // Everything but the nodes raises no event.
    const { dev, sys } = split(host);
    await world.host.add(sys);
    await world.host.add(dev);
    await world.kubelet.waitFor({ resource: nlb0, devices: 2 });
    expect(plugin.stderr).toMatch(/^I.*"no longer" what="there is no driver for FPGAs"/m);
    expect(await plugin.stop()).toBe(0);
  });

  it('follows a function that is replaced by another, at the next scan', async () => {
    await world.start([], host);
    await world.kubelet.waitFor({ resource: nlb0, allocatable: 2 });
    await world.host.write('/sys/devices/pci0000:3b/0000:3b:00.0/fpga_region/region0/dfl-port.0/afu_id', `${f7df}\n`);
    const nlb3 = 'fpga.intel.com/af-ce4.f7d.zkiWk5jwXzOUbVYHCL4QivffQFy9es9yIvFEsLk6zRg';
    await world.kubelet.waitFor({ resource: nlb3, devices: ['dfl-port.0'] });
    await world.kubelet.waitFor({ resource: nlb0, devices: ['dfl-port.1'] });
  });

  it('tells once of each thing that is not as it should be, and hides nothing else by it', async () => {
    const bad: CardFixture = {
      ...{ driver: 'dfl', number: 4, bdf: '0000:5e:00.0', pciId: ['0x1172', '0x5170'] },
      ...{ fmes: { 4: [] }, ports: { 4: d842 } },
    };
    const plugin = await world.start(['-v=4'], { ...host, ...fpgaHost(bad) });
    await world.kubelet.waitFor({ resource: nlb0, devices: 2 });
    await expect.poll(() => plugin.stderr.match(/scan ended/g)?.length).toBeGreaterThan(5);
    const warnings = plugin.stderr.split('\n').filter((line) => line.startsWith('W'));
    expect(warnings.map((line) => line.replace(/^.*?\] /, ''))).toEqual([
      '"the board is not known, it is offered all the same" subject="0000:5e:00.0" reason="its PCI id is 1172:5170 and its driver dfl-pci"',
      '"FPGA region is left out" subject="dfl-fme.4" reason="its interface id is empty: the driver names none"',
    ]);
  });

  it('leaves out a resource whose name kubelets refuse, tells it once, and serves every other', async () => {
    const long = ce48.repeat(2);
    const odd: CardFixture = { driver: 'dfl', number: 4, bdf: '0000:5e:00.0', fmes: { 4: long }, ports: { 4: d842 } };
    const plugin = await world.start(['-mode=region', '-v=4'], { ...host, ...fpgaHost(odd) });
    await world.kubelet.waitFor({ resource: region, devices: ['dfl-fme.0'] });
    await expect.poll(() => plugin.stderr.match(/scan ended/g)?.length).toBeGreaterThan(5);
    expect(plugin.stderr.match(/^W.*the resource is left out.*has a name of 71 characters/gm)).toHaveLength(1);
    expect(world.kubelet.resources().size).toBe(1);
  });

  it('serves the names of OpenCL functions too, under another name of the socket', async () => {
    const openCl = '40007c0623210742000ebc58df6f5343e668b03a';
    await world.start([], fpgaHost({ ...card, ports: { 0: openCl } }));
    const name = 'fpga.intel.com/af-ce4.400.zkiWk5jwXzOUbVYHCL4QikAAfAYjIQdCAA68WN9vU0PmaLA6';
    const { socketPath = '' } = await world.kubelet.waitFor({ resource: name, devices: ['dfl-port.0'] });
    expect(Buffer.byteLength(socketPath)).toBeLessThanOrEqual(107);
  });

  it('leaves out a resource whose socket has no room for its name, if it is to be the classic one', async () => {
    const openCl = '40007c0623210742000ebc58df6f5343e668b03a';
    // As long as /var/lib/kubelet/device-plugins.
    const directory = join(world.directory, 'p'.repeat(Math.max(1, 30 - world.directory.length)));
    const where = ['-socket-name-style=classic', '-device-plugin-path', directory];
    const plugin = await world.start([...where, '-v=4'], fpgaHost({ ...card, ports: { 0: openCl, 1: d842 } }));
    await expect.poll(() => plugin.stderr.match(/scan ended/g)?.length).toBeGreaterThan(5);
    const refused = plugin.stderr.match(/^W.*the resource is left out.*$/gm);
    expect(refused).toEqual([
      expect.stringMatching(/af-ce4\.400\..* \(1\d\d bytes\), but unix sockets take at most 107/),
    ]);
  });

  it('says once that CDI specs cannot be written, serves all the same, and ends when it is told to', async () => {
    // The last flag counts.
    const plugin = await world.start(['-mode=region', '-v=4', '-cdi-dir=/proc/nope'], host);
    await world.kubelet.waitFor({ resource: region, devices: ['dfl-fme.0'] });
    await expect.poll(() => plugin.stderr.match(/scan ended/g)?.length).toBeGreaterThan(5);
    expect(plugin.stderr.match(/^W.*CDI spec file is not right.*ENOENT/gm)).toHaveLength(1);
    await expect(world.kubelet.describeDevice(region, 'dfl-fme.0')).rejects.toThrow('/proc/nope');
    expect(await plugin.stop()).toBe(0);
  });

  it('goes by its flag, with one warning, where the node cannot be asked', async () => {
    const plugin = await world.start(['-node-name=n1'], host, { KUBERNETES_SERVICE_HOST: '127.0.0.1' });
    await world.kubelet.waitFor({ resource: nlb0, devices: 2 });
    expect(plugin.stderr.match(/^W.*the annotation of the node cannot be read, the mode stays/gm)).toHaveLength(1);
  });

  it('leaves the list as it was while the class cannot be read, and serves none before', async () => {
    const first = await world.start([], host);
    await world.kubelet.waitFor({ resource: nlb0, allocatable: 2 });
    await world.host.link('/sys/class/fpga', 'fpga');
    const second = await world.start([]);
    for (const plugin of [first, second]) {
      await expect.poll(() => plugin.stderr).toContain('scan failed, the list of devices stays as it was');
    }
    await world.kubelet.waitFor({ resource: nlb0, allocatable: 2 });
  });
});

describe('the process', () => {
  it.each([
    [['-mode=dpdk'], '-mode'],
    [['-kubeconfig=/etc/kubeconfig'], '-kubeconfig is not supported'],
    [['-master', 'https://10.0.0.1'], '-master is not supported'],
  ])('exits 2 for %j and registers nothing', async (args, message) => {
    const plugin = new RunningPlugin([...command, ...args]);
    expect(await plugin.exited).toBe(2);
    expect(plugin.stderr).toContain(message);
  });
});

describe('postAllocate()', () => {
  const response = (): AllocateResponse => ({
    containerResponses: [{}, { 'com.intel.fpga.mode': 'other', theirs: 'stays' }].map((annotations) => ({
      ...{ envs: {}, mounts: [], devices: [], cdiDevices: [] },
      annotations: annotations,
    })),
  });

  it.each([
    [
      'region',
      [
        { 'com.intel.fpga.mode': 'fpga.intel.com/region' },
        { theirs: 'stays', 'com.intel.fpga.mode': 'fpga.intel.com/region' },
      ],
    ],
    ['af', [{}, { 'com.intel.fpga.mode': 'other', theirs: 'stays' }]],
    ['regiondevel', [{}, { 'com.intel.fpga.mode': 'other', theirs: 'stays' }]],
  ] as const)('with mode %s', async (mode, annotations) => {
    await world.host.add(host);
    const plugin = new FpgaPlugin(new Host(world.host.root), { mode, node: undefined, scanPeriodMs: 3_600_000 });
    await scanOnce(plugin);
    const answer = response();
    plugin.postAllocate(answer);
    expect(answer.containerResponses.map((container) => container.annotations)).toEqual(annotations);
  });

  it('finds nothing on a host with neither driver, in each mode', async () => {
    await world.host.add({ '/sys/class': dir() });
    for (const mode of ['af', 'region', 'regiondevel'] as const) {
      const plugin = new FpgaPlugin(new Host(world.host.root), { mode, node: undefined, scanPeriodMs: 3_600_000 });
      expect((await scanOnce(plugin)).resources.size).toBe(0);
    }
  });
});

function split(tree: typeof host): { readonly dev: typeof host; readonly sys: typeof host } {
  const part = (isDev: boolean): typeof host =>
    Object.fromEntries(Object.entries(tree).filter(([path]) => path.startsWith('/dev/') === isDev));
  return { dev: part(true), sys: part(false) };
}
