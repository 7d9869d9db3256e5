// SPDX-License-Identifier: Apache-2.0
import { Host } from '@kube-device-plugins/core';
import { dir, hostFixture, link, node, type FixtureEntry, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readHostResources, watchedDirectories, type FoundDevice, type FoundResource } from './sysfs.ts';

const aNode = node('c', 1, 3);
let fixture: HostFixture;

beforeEach(async () => {
  fixture = await hostFixture({});
});

afterEach(async () => {
  await fixture.dispose();
});

async function find(...paths: string[]): Promise<readonly FoundDevice[]> {
  const devices = paths.map((path) => ({ path, permissions: 'rw' }));
  const [resource] = await readHostResources(new Host(fixture.root), [{ name: 'a.b/c', devices }]);
  return resource?.devices ?? [];
}

async function findPaths(...paths: string[]): Promise<string[]> {
  return (await find(...paths)).map(({ path }) => path);
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
      {
        path: '/dev/dri/renderD128',
        permissions: 'rw',
        node: '/dev/dri/renderD128',
        number: 'char 226:128',
        topology: { nodes: [{ ID: 1 }] },
      },
    ]);
  });

  it('leaves the topology out where the host names no NUMA node', async () => {
    await fixture.add({
      '/dev/fuse': node('c', 10, 229),
      '/sys/dev/char/10:229': link('../../devices/virtual/misc/fuse'),
      '/sys/devices/virtual/misc/fuse/dev': '10:229\n',
    });
    expect(await find('/dev/fuse')).toEqual([
      { path: '/dev/fuse', permissions: 'rw', node: '/dev/fuse', number: 'char 10:229' },
    ]);
  });

  it('takes a device whose place sysfs does not know, with a remark', async () => {
    await fixture.add({ '/dev/fuse': aNode });
    const [device] = await find('/dev/fuse');
    expect(device?.problem).toBeUndefined();
    expect(device?.remark).toContain('/sys/dev/char/1:3 does not exist');
  });

  it('looks up the place of a device when it comes, or comes back as another one', async () => {
    const rules = [{ name: 'a.b/c', devices: [{ path: '/dev/x', permissions: 'rw' }] }];
    const host = new Host(fixture.root);
    const numaNodes = (found: readonly FoundResource[]): unknown => found[0]?.devices[0]?.topology?.nodes;
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
    const second = await readHostResources(host, rules, first);
    expect(second).toEqual(first);
    await fixture.add({ '/dev/x': node('c', 1, 5) });
    expect(numaNodes(await readHostResources(host, rules, second))).toEqual([{ ID: 1 }]);
  });

  it('keeps a path that is not there, with the reason', async () => {
    expect(await find('/dev/kvm')).toEqual([
      { path: '/dev/kvm', permissions: 'rw', node: undefined, problem: 'does not exist' },
    ]);
  });

  it.each<[string, FixtureEntry, string]>([
    ['a directory', dir(), 'is not a device node'],
    ['a file', 'text', 'is not a device node'],
    ['a symlink to nothing', link('y'), 'does not exist'],
    ['a symlink out of /dev', link('../etc/y'), 'leads to /etc/y, outside /dev'],
    ['a symlink to itself', link('x'), 'cannot be read: '],
  ])('takes %s for no device', async (_what, entry, problem) => {
    await fixture.add({ '/dev/x': entry, '/dev/ok': aNode, '/etc/y': aNode });
    const [device] = await find('/dev/x');
    expect(device).toMatchObject({ node: undefined, problem: expect.stringContaining(problem) as string });
    expect(await findPaths('/dev/*')).toEqual(['/dev/ok']);
  });

  it('resolves an alias to its node', async () => {
    const alias = '/dev/serial/by-id/usb-x-port0';
    await fixture.add({ '/dev/ttyUSB3': node('c', 188, 3), [alias]: link('../../ttyUSB3') });
    expect(await find('/dev/serial/by-id/*')).toMatchObject([{ path: alias, node: '/dev/ttyUSB3' }]);
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
    const devices = [
      { path: '/dev/loop1', permissions: 'r' },
      { path: '/dev/loop*', permissions: 'rwm' },
    ];
    const [resource] = await readHostResources(new Host(fixture.root), [{ name: 'a.b/loop', devices }]);
    expect(resource?.devices.map(({ path, permissions }) => [path, permissions])).toEqual([
      ['/dev/loop1', 'r'],
      ['/dev/loop0', 'rwm'],
    ]);
  });
});

describe('watchedDirectories()', () => {
  it('names each directory once, and of a pattern the one above its first wildcard', () => {
    const paths = ['/dev/kvm', '/dev/fuse', '/dev/loop*', '/dev/serial/by-id/*', '/dev/bus/usb/*/*'];
    const devices = paths.map((path) => ({ path, permissions: 'rw' }));
    expect(watchedDirectories([{ name: 'a.b/c', devices }])).toEqual(['/dev', '/dev/bus/usb', '/dev/serial/by-id']);
  });
});
