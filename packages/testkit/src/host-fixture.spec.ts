// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Host } from '@kube-device-plugins/core';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { dir, HostFixture, hostFixture, link, node, silence } from './host-fixture.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('hostFixture()', () => {
  it('makes a file that never answers a read', { timeout: 20_000 }, async () => {
    await using fixture = await hostFixture({ 'sys/heartbeat': silence() });
    await expect(new Host(fixture.root).probeText('/sys/heartbeat')).rejects.toMatchObject({ code: 'HOST_TIMEOUT' });
    // Lets the thread go that reads.
    await promisify(execFile)('sh', ['-c', ': > "$1"', 'sh', fixture.path('sys/heartbeat')]);
  });

  it('makes a tree that Host reads like a host', async () => {
    await using fixture = await hostFixture({
      'sys/bus/pci/drivers/vfio-pci': dir(),
      'sys/bus/pci/devices/0000:6b:00.0/vendor': '0x8086\n',
      '/sys/bus/pci/devices/0000:6b:00.0/driver': link('../../../pci/drivers/vfio-pci'),
      'dev/dri/card0': node('c', 226, 0),
      'dev/sda': node('b', 8, 0),
    });
    const host = new Host(fixture.root);
    expect(await host.readText('/sys/bus/pci/devices/0000:6b:00.0/vendor')).toBe('0x8086');
    expect(await host.linkName('/sys/bus/pci/devices/0000:6b:00.0/driver')).toBe('vfio-pci');
    expect(await host.list('/sys/bus/pci/devices/0000:6b:00.0/driver')).toEqual([]);
    expect(await host.deviceNode('/dev/dri/card0')).toEqual({ type: 'char', major: 226, minor: 0 });
    expect(await host.deviceNode('/dev/sda')).toEqual({ type: 'block', major: 8, minor: 0 });
  });

  it('makes a file for a node where no node can be made', async () => {
    vi.stubEnv('PATH', '');
    await using fixture = await hostFixture({ 'dev/dri/card0': node('c', 226, 0) });
    expect(await readFile(fixture.path('dev/dri/card0'), 'utf8')).toBe('c 226:0\n');
    expect(await new Host(fixture.root).deviceNode('/dev/dri/card0')).toEqual({ type: 'char', major: 226, minor: 0 });
  });

  it('leaves nothing behind', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'kdp-'));
    vi.stubEnv('TMPDIR', parent);
    const fixture = await hostFixture({ a: 'a' });
    await fixture.dispose();
    await fixture.dispose();
    await expect(hostFixture({ a: 'a', '../b': 'b' })).rejects.toMatchObject({ code: 'FIXTURE_INVALID' });
    expect(await readdir(parent)).toEqual([]);
    await rm(parent, { recursive: true });
  });
});

describe('HostFixture', () => {
  it('is the host of a capture, which a test changes and throws away', async () => {
    await using original = await hostFixture({ 'sys/a': 'text', 'sys/b': link('a') });
    await using place = await hostFixture({});
    await promisify(execFile)('tar', ['-cf', place.path('node.tar'), '-C', original.root, 'sys']);
    const fixture = await HostFixture.fromCapture(place.path('node.tar'));
    await fixture.write('sys/a', 'other');
    expect(await new Host(fixture.root).readText('/sys/b')).toBe('other');
    await fixture.dispose();
    expect(await readdir(fixture.root).catch(() => 'gone')).toBe('gone');
  });

  it('changes files in place, and replaces everything else', async () => {
    await using fixture = await hostFixture({
      file: 'old',
      other: 'other',
      linked: link('other'),
      full: dir(),
      'full/x': '',
    });
    const before = await stat(fixture.path('file'));
    await fixture.write('file', 'new');
    expect((await stat(fixture.path('file'))).ino).toBe(before.ino);
    expect(await readFile(fixture.path('file'), 'utf8')).toBe('new');
    await fixture.write('linked', 'own');
    expect(await readFile(fixture.path('other'), 'utf8')).toBe('other');
    await fixture.write('full', 'a file now');
    await fixture.add({ full: dir(), 'full/y': 'y' });
    await fixture.add({ full: dir() });
    expect(await readdir(fixture.path('full'))).toEqual(['y']);
    await fixture.link('file', 'other');
    expect(await readlink(fixture.path('file'))).toBe('other');
  });

  it('removes a link, not what it points to', async () => {
    await using fixture = await hostFixture({ 'target/file': 'kept', link: link('target'), gone: 'gone' });
    await fixture.remove('link');
    await fixture.remove('gone');
    await fixture.remove('never/there');
    expect(await readdir(fixture.root)).toEqual(['target']);
    await fixture.remove('target');
    expect(await readdir(fixture.root)).toEqual([]);
  });

  it('writes behind a link that stays inside', async () => {
    await using fixture = await hostFixture({ real: dir(), link: link('real'), 'link/file': 'text' });
    expect(await readFile(fixture.path('real/file'), 'utf8')).toBe('text');
  });

  it.each(['..', '../x', 'a/../../x', '', '/', '.', 'a/..', 'x\0'])('refuses the path %j', async (path) => {
    await using fixture = await hostFixture({});
    await expect(fixture.write(path, '')).rejects.toMatchObject({ code: 'FIXTURE_INVALID' });
    await expect(fixture.remove(path)).rejects.toMatchObject({ code: 'FIXTURE_INVALID' });
  });

  it('changes nothing behind a link that leads out', async () => {
    await using outside = await hostFixture({ 'dir/file': 'kept' });
    await using fixture = await hostFixture({ out: link(outside.path('dir')), up: link('..') });
    await expect(fixture.write('out/file', 'changed')).rejects.toMatchObject({ code: 'FIXTURE_INVALID' });
    await expect(fixture.write('out/deep/file', 'new')).rejects.toMatchObject({ code: 'FIXTURE_INVALID' });
    await expect(fixture.write('up/file', 'new')).rejects.toMatchObject({ code: 'FIXTURE_INVALID' });
    await expect(fixture.remove('out/file')).rejects.toMatchObject({ code: 'FIXTURE_INVALID' });
    expect(await readdir(outside.path('dir'))).toEqual(['file']);
    expect(await readFile(outside.path('dir/file'), 'utf8')).toBe('kept');
  });

  it('keeps every path below the root, or refuses it', async () => {
    await using fixture = await hostFixture({});
    const path = fc.array(fc.constantFrom('.', '..', 'a', '', ' ', '...')).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(path, (text) => {
        try {
          expect(fixture.path(text).startsWith(`${fixture.root}/`)).toBe(true);
          expect(fixture.path(text).split('/')).not.toContain('..');
        } catch (error) {
          expect(error).toMatchObject({ code: 'FIXTURE_INVALID' });
        }
      }),
    );
  });
});
