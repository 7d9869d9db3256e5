// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostTree, type HostTree } from '../../test/support/host-tree.ts';
import { Host } from './host.ts';
import { parseNumaNodes, readTopology } from './topology.ts';

const pci = '/sys/devices/pci0000:00';
const gpu = `${pci}/0000:00:02.0`;
const qat = `${pci}/0000:00:04.0`;

/** The tree of upstream's pkg/topology tests, with more kinds of devices. */
const tree: HostTree = {
  [`${gpu}/local_cpulist`]: '0-7\n',
  [`${gpu}/numa_node`]: '-1\n',
  [`${gpu}/drm/card1/dev`]: '226:1\n',
  [`${qat}/local_cpulist`]: '8-15\n',
  [`${qat}/numa_node`]: '1\n',
  [`${qat}/vfio-dev/vfio0/dev`]: '511:0\n',
  ...numaDevice('/sys/devices/virtual/mem/null', '0-7', '1,2,3'),
  ...numaDevice('/sys/devices/virtual/mem/random', '0-7', '-1'),
  ...numaDevice('/sys/devices/virtual/mem/list', '0-7', '-1,2'),
  ...numaDevice('/sys/devices/virtual/mem/broken', '0-7', '0x1'),
  ...numaDevice('/sys/devices/virtual/tty/tty', '0-7', '4,5,6'),
  ...numaDevice(`${pci}/0000:00:05.0/nvme/nvme0n1`, '0-3', '2'),
  '/sys/devices/virtual/block/dm-0/slaves/dm-1': { link: '../../dm-1' },
  '/sys/devices/virtual/block/dm-1/slaves/nvme0n1': { link: `../../../../pci0000:00/0000:00:05.0/nvme/nvme0n1` },
  '/sys/devices/virtual/block/dm-1/slaves/dm-0': { link: '../../dm-0' },
  // The BIOS gives the number of the socket where the NUMA node belongs: without CPUs it is no node.
  ...numaDevice(`${pci}/socket`, '', '7'),
  ...numaDevice(`${pci}/parent`, '0-3', '5'),
  ...numaDevice(`${pci}/parent/child`, '', '7'),
  ...numaDevice(`${pci}/silent`, '0-3', '-1'),
  ...numaDevice(`${pci}/silent/child`, '', '6'),
  '/sys/devices/virtual/vfio/42': null,
  '/sys/devices/virtual/vfio/84': null,
  '/sys/devices/virtual/misc/vfio': null,
  '/sys/kernel/iommu_groups/42/devices/0000:00:02.0': { link: '../../../../devices/pci0000:00/0000:00:02.0' },
  '/sys/kernel/iommu_groups/42/devices/0000:00:04.0': { link: qat },
  '/dev/text': 'not a node',
  '/dev/unknown': 'c 99:99',
  '/dev/mapper/dm-0': { link: '../dm-0' },
  ...node('/dev/null', 'c 1:3', '/sys/devices/virtual/mem/null'),
  ...node('/dev/random', 'c 1:8', '/sys/devices/virtual/mem/random'),
  ...node('/dev/list', 'c 1:90', '/sys/devices/virtual/mem/list'),
  ...node('/dev/broken', 'c 1:91', '/sys/devices/virtual/mem/broken'),
  ...node('/dev/tty', 'c 5:0', '/sys/devices/virtual/tty/tty'),
  ...node('/dev/dri/card1', 'c 226:1', `${gpu}/drm/card1`),
  ...node('/dev/vfio/vfio', 'c 10:196', '/sys/devices/virtual/misc/vfio'),
  ...node('/dev/vfio/42', 'c 510:0', '/sys/devices/virtual/vfio/42'),
  ...node('/dev/vfio/84', 'c 510:1', '/sys/devices/virtual/vfio/84'),
  ...node('/dev/vfio/devices/vfio0', 'c 511:0', `${qat}/vfio-dev/vfio0`),
  ...node('/dev/nvme0n1', 'b 259:0', `${pci}/0000:00:05.0/nvme/nvme0n1`),
  ...node('/dev/dm-0', 'b 253:0', '/sys/devices/virtual/block/dm-0'),
  ...node('/dev/socket', 'c 9:0', `${pci}/socket`),
  ...node('/dev/child', 'c 9:1', `${pci}/parent/child`),
  ...node('/dev/silent', 'c 9:2', `${pci}/silent/child`),
};

function numaDevice(path: string, cpus: string, numaNode: string): HostTree {
  return { [`${path}/local_cpulist`]: `${cpus}\n`, [`${path}/numa_node`]: `${numaNode}\n` };
}

/** A node below /dev and the symlink of sysfs from its number to its device. */
function node(path: string, text: string, device: string): HostTree {
  const [type, number] = text.split(' ');
  return { [path]: text, [`/sys/dev/${type === 'c' ? 'char' : 'block'}/${number ?? ''}`]: { link: device } };
}

async function nodesOf(paths: string[]): Promise<number[] | undefined> {
  const topology = await readTopology(new Host(await hostTree(tree)), paths);
  return topology?.nodes.map(({ ID }) => ID);
}

describe('readTopology()', () => {
  it.each<[what: string, paths: string[], nodes: number[] | undefined]>([
    ['nothing for no device', [], undefined],
    ['the list of a device', ['/dev/null'], [1, 2, 3]],
    ['each node once', ['/dev/null', '/dev/null'], [1, 2, 3]],
    ['the nodes of all devices in order', ['/dev/tty', '/dev/null'], [1, 2, 3, 4, 5, 6]],
    ['nothing for -1', ['/dev/random'], undefined],
    ['the nodes beside a -1', ['/dev/list'], [2]],
    ['nothing for the -1 of a parent', ['/dev/dri/card1'], undefined],
    ['the node of every device of an IOMMU group', ['/dev/vfio/42'], [1]],
    ['nothing for an IOMMU group that is gone', ['/dev/vfio/84'], undefined],
    ['nothing for the VFIO container', ['/dev/vfio/vfio'], undefined],
    ['the node of an IOMMUFD device', ['/dev/vfio/devices/vfio0'], [1]],
    ['the node of a block device', ['/dev/nvme0n1'], [2]],
    ['the nodes of the slaves of a block device, and ends in a circle of them', ['/dev/mapper/dm-0'], [2]],
    ['nothing for a node without CPUs', ['/dev/socket'], undefined],
    ['the node of the parent for one without CPUs', ['/dev/child'], [5]],
    ['the node itself when the parent has CPUs and no node', ['/dev/silent'], [6]],
  ])('finds %s', async (_what, paths, nodes) => {
    expect(await nodesOf(paths)).toEqual(nodes);
  });

  it.each([
    ['/dev/non-existing-device', 'it is no device node'],
    ['', 'it is no device node'],
    ['/dev/text', 'it is no device node'],
    ['/dev/unknown', '/sys/dev/char/99:99 does not exist'],
    ['/dev/broken', 'is no list of NUMA nodes'],
  ])('rejects for %j', async (path, cause) => {
    await expect(nodesOf(['/dev/null', path])).rejects.toMatchObject({
      code: 'TOPOLOGY_UNREADABLE',
      message: expect.stringContaining(JSON.stringify(path)) as string,
      cause: { message: expect.stringContaining(cause) as string },
    });
  });

  it('finds nothing for /dev/null of the real host', async () => {
    expect(await readTopology(new Host(), ['/dev/null'])).toBeUndefined();
  });
});

describe('parseNumaNodes()', () => {
  it.each([
    ['', []],
    ['0', [0]],
    ['1, 2,3', [1, 2, 3]],
    ['-1,2', [-1, 2]],
  ])('reads %j', (list, expected) => {
    expect(parseNumaNodes(list)).toEqual(expected);
  });

  it.each(['a', '1,', ',', '1;2', '1.5', '0x1', '1 2', '9999999999'])('throws for %j', (list) => {
    expect(() => parseNumaNodes(list)).toThrow(JSON.stringify(list));
  });

  it('reads every list of numbers back', () => {
    const space = fc.constantFrom('', ' ');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 999_999_999 })), space, (nodes, before) => {
        expect(parseNumaNodes(nodes.map((number) => `${before}${number}`).join(','))).toEqual(nodes);
      }),
    );
  });

  it('gives whole numbers or throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-\d, ]{0,12}$/)), (text) => {
        try {
          expect(parseNumaNodes(text).every(Number.isSafeInteger)).toBe(true);
        } catch (error) {
          expect(error).toHaveProperty('message', `${JSON.stringify(text)} is no list of NUMA nodes`);
        }
      }),
    );
  });
});
