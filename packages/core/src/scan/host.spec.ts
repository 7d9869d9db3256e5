// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { hostTree } from '../../test/support/host-tree.ts';
import { Host } from './host.ts';

const pciDevice = '/sys/devices/pci0000:6a/0000:6b:00.1';

async function fixture(): Promise<Host> {
  return new Host(
    await hostTree({
      [`${pciDevice}/vendor`]: '0x8086\n',
      [`${pciDevice}/driver`]: { link: '../../../bus/pci/drivers/vfio-pci' },
      '/sys/bus/pci/drivers/vfio-pci': null,
      '/sys/bus/pci/devices/0000:6b:00.1': { link: '../../../devices/pci0000:6a/0000:6b:00.1' },
      '/sys/bus/pci/devices/absolute': { link: pciDevice },
      '/sys/bus/pci/devices/chain': { link: '/sys/bus/pci/devices/absolute' },
      '/sys/bus/pci/devices/upwards': { link: '../../../../../../../../../../../../../../etc/hostname' },
      '/sys/bus/pci/devices/gone': { link: '../../../devices/none' },
      '/etc/hostname': 'fixture',
      '/loop/a': { link: 'b' },
      '/loop/b': { link: '/loop/a' },
    }),
  );
}

async function rootOf(host: Host): Promise<string> {
  return Promise.resolve(host.path('/'));
}

describe('Host.path()', () => {
  it.each([
    ['/', '/dev/vfio', '/dev/vfio'],
    ['/', 'dev/vfio', '/dev/vfio'],
    ['/host/', '/dev/vfio', '/host/dev/vfio'],
    ['/host', '/../../etc/shadow', '/host/etc/shadow'],
    ['/host', 'sys/../../..', '/host/'],
  ])('puts below %s the path %s as %s', (root, path, expected) => {
    expect(new Host(root).path(path)).toBe(expected);
  });
});

describe('Host.readText()', () => {
  it('leaves out the white space around the text', async () => {
    expect(await (await fixture()).readText(`${pciDevice}/vendor`)).toBe('0x8086');
  });

  it.each([`${pciDevice}/none`, '/none/none', `${pciDevice}/vendor/none`])('knows no file %s', async (path) => {
    expect(await (await fixture()).readText(path)).toBeUndefined();
  });

  it('knows no file below a root that does not exist', async () => {
    expect(await new Host('/nonexistent-root').readText('/etc/hostname')).toBeUndefined();
  });

  it.each(['relative', 'absolute', 'chain'])('follows a symlink that is %s', async (name) => {
    const link = name === 'relative' ? '0000:6b:00.1' : name;
    expect(await (await fixture()).readText(`/sys/bus/pci/devices/${link}/vendor`)).toBe('0x8086');
  });

  it('stops at the root on a symlink that climbs', async () => {
    expect(await (await fixture()).readText('/sys/bus/pci/devices/upwards')).toBe('fixture');
  });

  it('does not follow an absolute symlink to the real host', async () => {
    const host = new Host(await hostTree({ '/dev/escape': { link: '/proc/self/status' } }));
    expect(await host.readText('/dev/escape')).toBeUndefined();
    expect(await host.exists('/dev/escape')).toBe(false);
  });

  it('rejects for a circle of symlinks with the path', async () => {
    await expect((await fixture()).readText('/loop/a')).rejects.toMatchObject({
      code: 'HOST_UNREADABLE',
      message: expect.stringContaining('/loop/a') as string,
    });
  });

  it('rejects for a directory with the path and the cause', async () => {
    await expect((await fixture()).readText(pciDevice)).rejects.toMatchObject({
      code: 'HOST_UNREADABLE',
      message: expect.stringContaining(pciDevice) as string,
      cause: { code: 'EISDIR' },
    });
  });

  it.each([
    [10, 10],
    [70_000, 70_000],
  ])('takes %i bytes where %i are allowed, and not one more', async (length, maxBytes) => {
    const host = new Host(await hostTree({ '/fits': 'x'.repeat(length), '/larger': 'x'.repeat(length + 1) }));
    expect(await host.readText('/fits', maxBytes)).toHaveLength(length);
    await expect(host.readText('/larger', maxBytes)).rejects.toMatchObject({ code: 'HOST_UNREADABLE' });
  });

  it('reads what has no size, as /proc and /sys do', async () => {
    expect(await new Host().readText('/proc/self/status')).toContain('Pid:');
  });

  it('does not wait for a writer of a FIFO', async () => {
    const host = new Host(await hostTree({}));
    execFileSync('mkfifo', [host.path('/fifo')]);
    expect(await host.readText('/fifo')).toBe('');
  });

  it('gives the event loop turns during a long scan', async () => {
    const host = await fixture();
    let turns = 0;
    const isOver = { value: false };
    const counting = (async () => {
      for (; !isOver.value; turns += 1) await setImmediate();
    })();
    for (let i = 0; i < 2_000; i += 1) await host.readText(`${pciDevice}/vendor`);
    isOver.value = true;
    await counting;
    expect(turns).toBeGreaterThan(5);
  });
});

describe('Host.list()', () => {
  it('sorts the names', async () => {
    expect(await (await fixture()).list('/sys/bus/pci/devices')).toEqual([
      '0000:6b:00.1',
      'absolute',
      'chain',
      'gone',
      'upwards',
    ]);
  });

  it.each(['/none', `${pciDevice}/vendor`])('finds nothing in %s', async (path) => {
    expect(await (await fixture()).list(path)).toEqual([]);
  });
});

describe('Host.linkName()', () => {
  it.each([
    ['/sys/bus/pci/devices/0000:6b:00.1/driver', 'vfio-pci'],
    ['/sys/bus/pci/devices/chain/driver', 'vfio-pci'],
    ['/sys/bus/pci/devices/absolute', '0000:6b:00.1'],
    ['/sys/bus/pci/devices/gone', 'none'],
    [`${pciDevice}/vendor`, undefined],
    [`${pciDevice}/none`, undefined],
    ['/', undefined],
  ])('of %s is %s', async (path, expected) => {
    expect(await (await fixture()).linkName(path)).toBe(expected);
  });

  it('reads the links of the real host', async () => {
    expect(await new Host().linkName('/proc/self/root')).toBe('');
    expect(await new Host().linkName('/proc/self/status')).toBeUndefined();
  });

  it('rejects for a name that no file can have', async () => {
    await expect(new Host().linkName(`/${'x'.repeat(300)}`)).rejects.toMatchObject({ code: 'HOST_UNREADABLE' });
  });
});

describe('Host.realPath()', () => {
  it.each([
    ['/sys/bus/pci/devices/0000:6b:00.1', pciDevice],
    ['/sys/bus/pci/devices/chain', pciDevice],
    ['/sys/bus/pci/devices/chain/driver', '/sys/bus/pci/drivers/vfio-pci'],
    ['/sys/bus/pci/devices/upwards', '/etc/hostname'],
    ['/sys/bus/pci/devices/gone', undefined],
    ['/', '/'],
  ])('of %s is %s', async (path, expected) => {
    expect(await (await fixture()).realPath(path)).toBe(expected);
  });

  it('resolves on the real host', async () => {
    const root = await hostTree({ '/a': 'text', '/b': { link: 'a' } });
    expect(await new Host().realPath(join(root, 'b'))).toBe(await new Host().realPath(join(root, 'a')));
    expect(await new Host().realPath(join(root, 'none'))).toBeUndefined();
  });

  it('keeps to the root when that is a symlink itself', async () => {
    const inside = await rootOf(await fixture());
    const outside = await hostTree({});
    await symlink(inside, join(outside, 'root'));
    const host = new Host(join(outside, 'root'));
    expect(await host.realPath('/sys/bus/pci/devices/chain')).toBe(pciDevice);
    expect(await host.readText('/etc/hostname')).toBe('fixture');
  });
});

describe('Host.exists()', () => {
  it.each([
    ['/sys/bus/pci/devices/chain/vendor', true],
    ['/sys/bus/pci', true],
    ['/sys/bus/pci/devices/gone', false],
    ['/none', false],
  ])('says of %s %s', async (path, expected) => {
    expect(await (await fixture()).exists(path)).toBe(expected);
  });

  it('knows the real host', async () => {
    expect(await new Host().exists('/proc/self')).toBe(true);
    expect(await new Host().exists('/proc/none')).toBe(false);
  });
});

describe('Host.deviceNode()', () => {
  it('reads the number of a real node', async () => {
    expect(await new Host().deviceNode('/dev/null')).toEqual({ type: 'char', major: 1, minor: 3 });
  });

  it('takes a text for a node below another root', async () => {
    const host = new Host(
      await hostTree({
        '/dev/dri/renderD128': 'c 226:128\n',
        '/dev/sda': 'b 8:0',
        '/dev/by-path/sda': { link: '../sda' },
        '/dev/text': 'text',
        '/dev/dri': null,
      }),
    );
    expect(await host.deviceNode('/dev/dri/renderD128')).toEqual({ type: 'char', major: 226, minor: 128 });
    expect(await host.deviceNode('/dev/by-path/sda')).toEqual({ type: 'block', major: 8, minor: 0 });
    expect(await host.deviceNode('/dev/text')).toBeUndefined();
    expect(await host.deviceNode('/dev/dri')).toBeUndefined();
    expect(await host.deviceNode('/dev/none')).toBeUndefined();
  });

  it('takes no text for a node on the real host', async () => {
    const root = await hostTree({ '/renderD128': 'c 226:128' });
    expect(await new Host().deviceNode(join(root, 'renderD128'))).toBeUndefined();
  });
});

describe('Host', () => {
  it('reads small files in less time than node:fs/promises', async () => {
    const root = await hostTree({});
    const paths = Array.from({ length: 200 }, (_, vf) => join(root, `numa_node${vf}`));
    await Promise.all(paths.map((path) => writeFile(path, '0\n')));
    const host = new Host();
    const tookMs = async (read: (path: string) => Promise<unknown>): Promise<number> => {
      const startMs = performance.now();
      for (const path of paths) await read(path);
      return performance.now() - startMs;
    };
    const share = async (): Promise<number> =>
      (await tookMs((path) => host.readText(path))) / (await tookMs((path) => readFile(path, 'utf8')));
    // Polled, because the machine may be busy: what counts is that it can.
    await expect.poll(share, { interval: 50 }).toBeLessThan(1);
  });
});
