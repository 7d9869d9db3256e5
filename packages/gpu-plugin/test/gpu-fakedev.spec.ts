// SPDX-License-Identifier: Apache-2.0
import { lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Host } from '@kube-device-plugins/core';
import { dir, hostFixture, type FixtureTree, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseFakeGpuSpec } from '../src/main/fakedev/fake-gpu-spec.ts';
import { fakeGpuTree } from '../src/main/fakedev/fake-gpu-tree.ts';
import { readFakeGpuSpec } from '../src/main/fakedev/read-fake-gpu-spec.ts';
import { writeFakeTree } from '../src/main/fakedev/write-fake-tree.ts';
import { labelSettings } from '../src/main/labeler/label-settings.ts';
import { labelReader } from '../src/main/labeler/run-labeler.ts';
import { readGpuInventory } from '../src/sysfs.ts';
import { CommandProcess } from './command-process.ts';

const samples = join(import.meta.dirname, '../fakedev');

/** A generated tree is one of testkit's. */
function treeOf(spec: object): FixtureTree {
  return fakeGpuTree(parseFakeGpuSpec(JSON.stringify(spec)));
}

async function labelsOf(root: string): Promise<Record<string, string>> {
  const labeler = { host: new Host(root), settings: labelSettings({}), memory: undefined };
  return Object.fromEntries(await labelReader(labeler, new AbortController().signal)());
}

describe('fakeGpuTree()', () => {
  it('has what the kernel shows of a card', async () => {
    const tree = treeOf({ DevCount: 1, TilesPerDev: 2, DevMemSize: 1048576, Capabilities: { platform: 'fake' } });
    await using fixture = await hostFixture(tree);
    const host = new Host(fixture.root);
    const card = '/sys/class/drm/card0';
    await expect(host.readText(`${card}/lmem_total_bytes`)).resolves.toBe('1048576');
    await expect(host.readText(`${card}/device/vendor`)).resolves.toBe('0x8086');
    await expect(host.readText(`${card}/device/device`)).resolves.toBe('0x4905');
    await expect(host.readText(`${card}/device/numa_node`)).resolves.toBe('0');
    await expect(host.linkName(`${card}/device`)).resolves.toBe('0000:00:00.0');
    await expect(host.linkName(`${card}/device/driver`)).resolves.toBe('i915');
    await expect(host.list(`${card}/device/drm`)).resolves.toEqual(['card0', 'renderD128']);
    await expect(host.list(`${card}/gt`)).resolves.toEqual(['gt0', 'gt1']);
    await expect(host.readText('/sys/class/drm/renderD128/device/vendor')).resolves.toBe('0x8086');
    await expect(host.readText('/sys/bus/pci/drivers/i915/0000:00:00.0/device')).resolves.toBe('0x4905');
    await expect(host.list('/sys/bus/pci/drivers/i915/0000:00:00.0/drm')).resolves.toHaveLength(2);
    await expect(host.readText('/sys/kernel/debug/dri/0/i915_capabilities')).resolves.toBe('platform: fake');
    for (const node of ['card0', 'renderD128', 'by-path/pci-0000:00:00.0-card', 'by-path/pci-0000:00:00.0-render'])
      await expect(host.deviceNode(`/dev/dri/${node}`)).resolves.toEqual({ type: 'char', major: 1, minor: 3 });
  });

  it('has 128 cards with an address each', async () => {
    await using fixture = await hostFixture(treeOf({ DevCount: 128 }));
    const devices = await readdir(fixture.path('sys/bus/pci/devices'));
    expect([devices.length, devices[31], devices[32], devices.at(-1)]).toEqual([
      128,
      '0000:00:1f.0',
      '0000:01:00.0',
      '0000:03:1f.0',
    ]);
    expect((await readdir(fixture.path('dev/dri'))).filter((name) => name.startsWith('renderD'))).toHaveLength(128);
    await expect(readlink(fixture.path('sys/class/drm/renderD255'))).resolves.toContain('0000:03:1f.0');
  });

  it('has directories of tiles where the driver is xe', async () => {
    await using fixture = await hostFixture(treeOf({ DevCount: 1, TilesPerDev: 2, Driver: 'xe' }));
    await expect(labelsOf(fixture.root)).resolves.toMatchObject({ 'gpu.intel.com/tiles': '2' });
    expect(await readdir(fixture.path('sys'))).toEqual(['bus', 'class']);
  });

  it('is scanned by the plugin as real cards are', async () => {
    await using fixture = await hostFixture(treeOf({ DevCount: 6, VfsPerPf: 2, Driver: 'xe', DeviceId: '0x56c0' }));
    const { cards, notes } = await readGpuInventory(new Host(fixture.root), { byPath: 'single', withMei: false });
    expect(cards.map(({ name }) => name)).toEqual(['card1', 'card2', 'card4', 'card5']);
    // The number of a null device leads to no card, which is where a plugin looks for the NUMA node.
    expect(notes.filter(({ kind, reason }) => kind === 'trouble' && !reason.includes('NUMA'))).toEqual([]);
    expect(cards[3]).toMatchObject({
      name: 'card5',
      driver: 'xe',
      bdf: '0000:00:05.0',
      deviceId: '0x56c0',
      nodes: ['/dev/dri/card5', '/dev/dri/renderD133'],
      byPathLinks: ['/dev/dri/by-path/pci-0000:00:05.0-card', '/dev/dri/by-path/pci-0000:00:05.0-render'],
      meiNodes: [],
    });
  });

  it.each([
    ['8x-dg1', { tiles: '8', millicores: '8000', 'memory.max': String(8 * 2 ** 32), 'gpu-numbers': '0.1.2.3.4.5.6.7' }],
    ['2x4-pvc-xelink', { tiles: '8', 'memory.max': String(8 * 2 ** 32), 'numa-gpu-map': '0-0_1-1' }],
    ['8x2-pvc-xelink', { tiles: '16', 'numa-gpu-map': '0-0.1_1-2.3_2-4.5_3-6.7', 'memory.max': String(16 * 2 ** 32) }],
    ['9x-flex-sriov', { tiles: '6', 'gpu-numbers': '1.2.4.5.7.8' }],
  ])('makes of the sample %s a node with such labels', async (name, labels) => {
    const spec = parseFakeGpuSpec(await readFile(join(samples, `${name}.json`), 'utf8'));
    await using fixture = await hostFixture(fakeGpuTree(spec));
    const expected = Object.entries(labels).map(([label, value]) => [`gpu.intel.com/${label}`, value] as const);
    await expect(labelsOf(fixture.root)).resolves.toMatchObject(Object.fromEntries(expected));
  });

  it('has the labels of links that are listed, or of all', () => {
    const links = (spec: object) => treeOf({ DevCount: 2, ...spec })['xpum-sidecar-labels.txt'];
    expect(links({})).toBeUndefined();
    expect(links({ Capabilities: { connections: '0.0-1.0' } })).toBe('xpumanager.intel.com/xe-links=0.0-1.0\n');
    const full = { TilesPerDev: 2, Capabilities: { 'connection-topology': 'FULL' } };
    expect(links(full)).toBe('xpumanager.intel.com/xe-links=0.1-0.0_1.0-0.0_1.1-0.0_1.0-0.1_1.1-0.1_1.1-1.0\n');
    expect(links({ ...full, TilesPerDev: 4 })).toMatch(/^[^=]+xe-links=.{1,63}\n[^=]+xe-links2=Z.{1,62}\n/);
  });
});

describe('gpu-fakedev', () => {
  let fixture: HostFixture;

  beforeEach(async () => {
    fixture = await hostFixture({ 'spec.json': '{"DevCount":1,"Info":"one"}', work: dir() });
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  async function run(...args: readonly string[]) {
    const command = new CommandProcess('gpu-fakedev', args, { cwd: fixture.path('work') });
    return { code: await command.end(), stderr: command.stderr };
  }

  const spec = ['-json', '../spec.json'];

  if (process.getuid?.() !== 0) console.warn('SKIPPED: null devices are not made: only root can make them');
  it.runIf(process.getuid?.() === 0)('makes null devices for nodes', async () => {
    expect(await run(...spec)).toMatchObject({ code: 0, stderr: expect.stringContaining('info="one"') as string });
    const stats = await lstat(fixture.path('work/dev/dri/renderD128'));
    expect([stats.isCharacterDevice(), stats.rdev, stats.mode & 0o777]).toEqual([true, (1 << 8) | 3, 0o666]);
    expect(await readFile(fixture.path('work/dev/dri/card0'), 'utf8')).toBe('');
  });

  it('says what to do where it cannot make nodes', async () => {
    await mkdir(fixture.path('bin'));
    await writeFile(fixture.path('bin/mknod'), '#!/bin/sh\necho not permitted >&2\nexit 1\n', { mode: 0o755 });
    for (const [path, remedy] of [
      [fixture.path('bin'), 'run it as root with CAP_MKNOD'],
      [fixture.path('work'), 'there is no program mknod'],
    ] as const) {
      const env = { PATH: path };
      const command = new CommandProcess('gpu-fakedev', spec, { cwd: fixture.path('work'), env });
      expect(await command.end()).toBe(1);
      expect(command.stderr).toContain(remedy);
      expect(command.stderr).toContain('-node-files');
    }
  });

  it('makes files for nodes when asked, in the place of what it made before', async () => {
    await writeFile(fixture.path('work/other'), '');
    await writeFile(fixture.path('work/xpum-sidecar-labels.txt'), 'old');
    expect((await run(...spec, '-node-files')).code).toBe(0);
    await writeFile(fixture.path('work/dev/dri/old'), '');
    const { code, stderr } = await run(...spec, '-node-files', '-verbose');
    expect(code).toBe(0);
    expect(stderr).toContain('"removing what is there"');
    expect(stderr).toContain('path="dev/dri/card0"');
    expect((await readdir(fixture.path('work'))).sort()).toEqual(['dev', 'other', 'sys']);
    expect((await readdir(fixture.path('work/dev/dri'))).sort()).toEqual(['by-path', 'card0', 'renderD128']);
    await expect(labelsOf(fixture.path('work'))).resolves.toMatchObject({ 'gpu.intel.com/cards': 'card0' });
  });

  /** The same in this process. */
  async function write(verbose = false): Promise<void> {
    const tree = fakeGpuTree(await readFakeGpuSpec(fixture.path('spec.json')));
    await writeFakeTree(fixture.path('work'), tree, { nodeFiles: true, verbose }, new AbortController().signal);
  }

  it('writes over what it wrote before', async () => {
    await write();
    await write(true);
    expect((await readdir(fixture.path('work/dev/dri'))).sort()).toEqual(['by-path', 'card0', 'renderD128']);
    expect(await readFile(fixture.path('work/dev/dri/card0'), 'utf8')).toBe('c 1:3\n');
  });

  it('makes device nodes, or says why it cannot', async () => {
    const tree = fakeGpuTree(await readFakeGpuSpec(fixture.path('spec.json')));
    const options = { nodeFiles: false, verbose: false };
    const made = writeFakeTree(fixture.path('work'), tree, options, new AbortController().signal);
    if (process.getuid?.() === 0) await made;
    else await expect(made).rejects.toMatchObject({ code: 'FILE_WRITE' });
  });

  it('stops when it is told to', async () => {
    const tree = fakeGpuTree(await readFakeGpuSpec(fixture.path('spec.json')));
    const options = { nodeFiles: true, verbose: false };
    await expect(writeFakeTree(fixture.path('work'), tree, options, AbortSignal.abort())).rejects.toThrow('aborted');
  });

  it.each<[string, FixtureTree]>([
    ['a sys of more than 3 entries', { 'sys/a': dir(), 'sys/b': dir(), 'sys/c': dir(), 'sys/d': dir() }],
    ['a dev with more than dri', { 'dev/dri': dir(), 'dev/null': '' }],
    ['a dev with something else', { 'dev/null': '' }],
    ['a sys that is a file', { sys: '' }],
  ])('does not replace %s, nor anything else', async (_, tree) => {
    await mkdir(fixture.path('work/sys/bus'), { recursive: true });
    await fixture.add(Object.fromEntries(Object.entries(tree).map(([path, entry]) => [`work/${path}`, entry])));
    const before = await readdir(fixture.path('work'), { recursive: true });
    const refused = { code: 'FILE_WRITE', message: expect.stringContaining('is not one of mine') as string };
    await expect(write()).rejects.toMatchObject(refused);
    expect(await readdir(fixture.path('work'), { recursive: true })).toEqual(before);
  });

  it('removes nothing behind a link', async () => {
    await mkdir(fixture.path('precious/dri'), { recursive: true });
    await symlink('../precious', fixture.path('work/dev'));
    await expect(write()).rejects.toThrow('it is no directory');
    expect(await readdir(fixture.path('precious'))).toEqual(['dri']);
  });

  it.each([
    ['', 'FLAG_INVALID', 'name the file'],
    ['/none.json', 'CONFIG_INVALID', 'cannot read the spec /none.json'],
    ['/dev/zero', 'CONFIG_INVALID', 'cannot read the spec /dev/zero'],
  ])('cannot read %j', async (path, code, text) => {
    await expect(readFakeGpuSpec(path)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text) as string,
    });
  });

  it.each([
    [[], 2, 'name the file'],
    [['-json', 'none.json'], 1, 'cannot read the spec none.json'],
    [['-json', '/dev/zero'], 1, 'it has more than 1048576 bytes'],
  ])('refuses %j with exit code %i', async (args, code, text) => {
    const outcome = await run(...args);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toContain(text);
  });
});
