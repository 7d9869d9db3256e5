// SPDX-License-Identifier: Apache-2.0
import { Host } from '@kube-device-plugins/core';
import { dir, hostFixture, link, node, type FixtureEntry, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathMember, pathRule } from '../test/path-rule.ts';
import type { DeviceRule } from './options/host-resource.ts';
import type { PathRule } from './options/path-rule.ts';
import { readHostResources, type FoundDevice, type HostSnapshot } from './sysfs.ts';

const aNode = node('c', 1, 3);
let fixture: HostFixture;

beforeEach(async () => {
  fixture = await hostFixture({});
});

afterEach(async () => {
  await fixture.dispose();
});

async function find(...paths: string[]): Promise<readonly FoundDevice[]> {
  return await findBy(...paths.map((path) => pathRule({ path })));
}

async function findBy(...devices: DeviceRule[]): Promise<readonly FoundDevice[]> {
  const { resources } = await readHostResources(new Host(fixture.root), [{ name: 'a.b/c', devices }]);
  return resources[0]?.devices ?? [];
}

async function findPaths(...paths: string[]): Promise<string[]> {
  return (await find(...paths)).flatMap(({ name }) => name);
}

async function watchedBy(...devices: DeviceRule[]): Promise<readonly string[]> {
  return (await readHostResources(new Host(fixture.root), [{ name: 'a.b/c', devices }])).watched;
}

/** A device that is its path. */
function found(path: string, number?: string): FoundDevice {
  const node = { containerPath: path, hostPath: path, permissions: 'rw' };
  return { name: [path], nodes: [number === undefined ? node : { ...node, number }], mounts: [], count: 1 };
}

describe('readHostResources()', () => {
  it('finds a path, its node and its NUMA node', async () => {
    await fixture.add({
      '/dev/dri/renderD128': node('c', 226, 128),
      '/sys/dev/char/226:128': link('../../devices/pci0/0000:03:00.0/drm/renderD128'),
      '/sys/devices/pci0/0000:03:00.0/drm/renderD128/dev': '226:128\n',
      '/sys/devices/pci0/0000:03:00.0/local_cpulist': '8-15\n',
      '/sys/devices/pci0/0000:03:00.0/numa_node': '1\n',
    });
    expect(await find('/dev/dri/renderD128')).toEqual([
      { ...found('/dev/dri/renderD128', 'char 226:128'), topology: { nodes: [{ ID: 1 }] } },
    ]);
  });

  it('leaves the topology out where the host names no NUMA node', async () => {
    await fixture.add({
      '/dev/fuse': node('c', 10, 229),
      '/sys/dev/char/10:229': link('../../devices/virtual/misc/fuse'),
      '/sys/devices/virtual/misc/fuse/dev': '10:229\n',
    });
    expect(await find('/dev/fuse')).toEqual([found('/dev/fuse', 'char 10:229')]);
  });

  it('takes a device whose place sysfs does not know, with a remark', async () => {
    await fixture.add({ '/dev/fuse': aNode });
    const [device] = await find('/dev/fuse');
    expect(device?.problem).toBeUndefined();
    expect(device?.remark).toContain('/sys/dev/char/1:3 does not exist');
  });

  it('looks up the place of a device when it comes, or comes back as another one', async () => {
    const rules = [{ name: 'a.b/c', devices: [pathRule({ path: '/dev/x' })] }];
    const host = new Host(fixture.root);
    const numaNodes = ({ resources }: HostSnapshot): unknown => resources[0]?.devices[0]?.topology?.nodes;
    await fixture.add({
      '/dev/x': node('c', 1, 3),
      '/sys/dev/char/1:3': link('../../devices/pci0'),
      '/sys/devices/pci0/local_cpulist': '0-7',
      '/sys/devices/pci0/numa_node': '0',
      '/sys/dev/char/1:5': link('../../devices/pci1'),
      '/sys/devices/pci1/local_cpulist': '8-15',
      '/sys/devices/pci1/numa_node': '1',
    });
    const first = await readHostResources(host, rules);
    expect(numaNodes(first)).toEqual([{ ID: 0 }]);
    await fixture.remove('/sys/devices/pci0');
    const second = await readHostResources(host, rules, first.resources);
    expect(second).toEqual(first);
    await fixture.add({ '/dev/x': node('c', 1, 5) });
    expect(numaNodes(await readHostResources(host, rules, second.resources))).toEqual([{ ID: 1 }]);
  });

  it('keeps a path that is not there, with the reason', async () => {
    expect(await find('/dev/kvm')).toEqual([{ ...found('/dev/kvm'), problem: 'does not exist' }]);
  });

  it.each<[string, FixtureEntry, string]>([
    ['an empty directory', dir(), 'is neither a device node nor a directory of some'],
    ['a file', 'text', 'is neither a device node nor a directory of some'],
    ['a symlink to nothing', link('y'), 'does not exist'],
    ['a symlink out of /dev', link('../etc/y'), 'leads to /etc/y, outside /dev'],
    ['a symlink to itself', link('x'), 'cannot be read: '],
  ])('takes %s for no device', async (_what, entry, problem) => {
    await fixture.add({ '/dev/x': entry, '/dev/ok': aNode, '/etc/y': aNode });
    const [device] = await find('/dev/x');
    expect(device?.problem).toContain(problem);
    expect(await findPaths('/dev/*')).toEqual(['/dev/ok']);
  });

  it('resolves an alias to its node', async () => {
    const alias = '/dev/serial/by-id/usb-x-port0';
    await fixture.add({ '/dev/ttyUSB3': node('c', 188, 3), [alias]: link('../../ttyUSB3') });
    expect(await find('/dev/serial/by-id/*')).toMatchObject([
      { name: [alias], nodes: [{ containerPath: alias, hostPath: '/dev/ttyUSB3' }] },
    ]);
  });

  it.each([
    ['/dev/loop[0-7]', ['/dev/loop0', '/dev/loop7']],
    ['/dev/loop*', ['/dev/loop-control', '/dev/loop0', '/dev/loop10', '/dev/loop7']],
    ['/dev/loop?', ['/dev/loop0', '/dev/loop7']],
    ['/dev/bus/usb/*/*', ['/dev/bus/usb/001/001', '/dev/bus/usb/001/002', '/dev/bus/usb/002/001']],
    ['/dev/bus/*/001/002', ['/dev/bus/usb/001/002']],
    ['/dev/none/*', []],
    ['/dev/loop0/*', []],
  ])('finds what matches %s', async (pattern, expected) => {
    for (const name of [
      'loop0',
      'loop7',
      'loop10',
      'loop-control',
      'bus/usb/001/001',
      'bus/usb/001/002',
      'bus/usb/002/001',
    ]) {
      await fixture.add({ [`/dev/${name}`]: aNode });
    }
    expect(await findPaths(pattern)).toEqual(expected);
  });

  it('does not list a directory that is outside /dev', async () => {
    await fixture.add({ '/dev/null': aNode, '/proc/self/fd/0': link('/dev/null'), '/dev/fd': link('/proc/self/fd') });
    expect(await findPaths('/dev/fd/*', '/dev/*/?')).toEqual([]);
  });

  it('counts a path for the first rule that has it', async () => {
    await fixture.add({ '/dev/loop0': aNode, '/dev/loop1': aNode });
    const devices = await findBy(
      pathRule({ path: '/dev/loop1', permissions: 'r' }),
      pathRule({ path: '/dev/loop*', permissions: 'rwm' }),
    );
    expect(devices.map(({ name: [path], nodes: [one] }) => [path, one?.permissions])).toEqual([
      ['/dev/loop1', 'r'],
      ['/dev/loop0', 'rwm'],
    ]);
  });

  it('gives a directory of nodes that is named outright as a whole, and none that a wildcard matches', async () => {
    await fixture.add({ '/dev/snd/timer': aNode });
    expect(await find('/dev/snd')).toEqual([found('/dev/snd')]);
    expect(await findPaths('/dev/*')).toEqual([]);
  });

  it('leaves out what is optional and cannot be had', async () => {
    expect(await findBy(pathRule({ path: '/dev/kvm' }, { optional: true }))).toEqual([]);
    await fixture.add({ '/dev/kvm': aNode });
    expect(await findBy(pathRule({ path: '/dev/kvm' }, { optional: true }))).toHaveLength(1);
  });

  it('gives a device the path in the container that it is to have', async () => {
    await fixture.add({ '/dev/ttyUSB0': aNode });
    const [device] = await findBy(pathRule({ path: '/dev/ttyUSB*', mountPath: '/dev/zigbee' }, { count: 4 }));
    expect(device).toMatchObject({ nodes: [{ containerPath: '/dev/zigbee', hostPath: '/dev/ttyUSB0' }], count: 4 });
  });
});

describe('readHostResources() of several paths', () => {
  const rule = (...paths: Parameters<typeof pathMember>[0][]): PathRule => ({
    kind: 'path',
    paths: paths.map(pathMember),
    optional: false,
    count: 1,
  });
  const namesOf = async (...rules: DeviceRule[]): Promise<unknown> => (await findBy(...rules)).map(({ name }) => name);

  beforeEach(async () => {
    for (const name of ['control0', 'control1', 'pcm0', 'pcm1', 'pcm2'])
      await fixture.add({ [`/dev/snd/${name}`]: aNode });
    await fixture.add({ '/opt/sound.conf': 'x' });
  });

  it('puts the first matches together, then the second ones, as long as each has some', async () => {
    expect(await namesOf(rule({ path: '/dev/snd/control*' }, { path: '/dev/snd/pcm*' }))).toEqual([
      ['/dev/snd/control0', '/dev/snd/pcm0'],
      ['/dev/snd/control1', '/dev/snd/pcm1'],
    ]);
    expect(await namesOf(rule({ path: '/dev/snd/none*' }, { path: '/dev/snd/pcm*' }))).toEqual([]);
  });

  it('uses a match as often as its limit says', async () => {
    expect(await namesOf(rule({ path: '/dev/snd/control0', limit: 10 }, { path: '/dev/snd/pcm*' }))).toEqual([
      ['/dev/snd/control0', '/dev/snd/pcm0'],
      ['/dev/snd/control0', '/dev/snd/pcm1'],
      ['/dev/snd/control0', '/dev/snd/pcm2'],
    ]);
    expect(await namesOf(rule({ path: '/dev/snd/control?', limit: 2 }, { path: '/dev/snd/pcm*' }))).toEqual([
      ['/dev/snd/control0', '/dev/snd/pcm0'],
      ['/dev/snd/control1', '/dev/snd/pcm1'],
      ['/dev/snd/control0', '/dev/snd/pcm2'],
    ]);
  });

  it('says which path a device lacks', async () => {
    expect(await findBy(rule({ path: '/dev/snd/control0' }, { path: '/dev/snd/seq' }))).toMatchObject([
      { name: ['/dev/snd/control0', '/dev/snd/seq'], problem: '/dev/snd/seq does not exist' },
    ]);
  });

  it('has a device without its optional paths, under the same name', async () => {
    const optional = rule({ path: '/dev/snd/control0' }, { path: '/dev/snd/seq', optional: true });
    const [without] = await findBy(optional);
    expect(without?.problem).toBeUndefined();
    await fixture.add({ '/dev/snd/seq': aNode });
    const [complete] = await findBy(optional);
    expect([without?.nodes.length, complete?.nodes.length]).toEqual([1, 2]);
    expect([without?.name, complete?.name]).toEqual([['/dev/snd/control0'], ['/dev/snd/control0']]);
  });

  it('mounts files and directories from anywhere', async () => {
    const mount = { type: 'Mount', readOnly: true, mountPath: '/etc/sound.conf' } as const;
    const [device, absent] = await findBy(
      rule({ path: '/dev/snd/control0' }, { path: '/opt/*.conf', ...mount }),
      rule({ path: '/opt/none', ...mount }),
    );
    expect(device).toMatchObject({
      name: ['/dev/snd/control0', '/opt/sound.conf'],
      mounts: [{ containerPath: '/etc/sound.conf', hostPath: '/opt/sound.conf', readOnly: true }],
    });
    expect(absent).toMatchObject({ problem: 'does not exist where the plugin runs' });
  });

  it('says why it cannot look at a mount', async () => {
    await fixture.add({ '/opt/loop': link('loop') });
    expect(await findBy(rule({ path: '/opt/loop', type: 'Mount' }))).toMatchObject([
      { problem: expect.stringContaining('cannot be read: ') as string },
    ]);
  });
});

describe('the directories that readHostResources() has watched', () => {
  it('are those that paths are in, each once', async () => {
    const paths = ['/dev/kvm', '/dev/fuse', '/dev/loop*', '/dev/serial/by-id/*'];
    expect(await watchedBy(...paths.map((path) => pathRule({ path })))).toEqual(['/dev', '/dev/serial/by-id']);
  });

  it('are those that match the wildcards on the way at the moment', async () => {
    const rule = pathRule({ path: '/dev/bus/usb/*/*' });
    expect(await watchedBy(rule)).toEqual(['/dev/bus/usb']);
    await fixture.add({ '/dev/bus/usb/001/001': aNode, '/dev/bus/usb/002': dir() });
    expect(await watchedBy(rule)).toEqual(['/dev/bus/usb', '/dev/bus/usb/001', '/dev/bus/usb/002']);
    expect(await watchedBy(pathRule({ path: '/dev/bus/usb/*/x' }))).toEqual([
      '/dev/bus/usb',
      '/dev/bus/usb/001',
      '/dev/bus/usb/002',
    ]);
  });

  it('are never outside /dev, unless a mount is', async () => {
    await fixture.add({ '/proc/self/fd/0': link('/dev/null'), '/dev/fd': link('/proc/self/fd') });
    expect(await watchedBy(pathRule({ path: '/dev/fd/*' }))).toEqual([]);
    expect(await watchedBy(pathRule({ path: '/opt/*', type: 'Mount' }))).toEqual(['/opt']);
    expect(await watchedBy(pathRule({ path: '/*', type: 'Mount' }))).toEqual(['/']);
  });

  it('are 256 at most', async () => {
    for (let bus = 0; bus < 300; bus += 1) await fixture.add({ [`/dev/bus/${bus}`]: dir() });
    expect(await watchedBy(pathRule({ path: '/dev/bus/*/*' }))).toHaveLength(256);
  });
});
