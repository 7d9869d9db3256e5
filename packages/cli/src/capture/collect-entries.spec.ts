// SPDX-License-Identifier: Apache-2.0
import { dir, hostFixture, link, node, type FixtureTree } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { RecordingHost } from '../plugins/recording-host.ts';
import { collectEntries, type CollectedEntries } from './collect-entries.ts';

const device = 'sys/devices/pci0000:6a/0000:6b:00.1';

/** What is collected of a host of which this is read. */
async function collected(
  tree: FixtureTree,
  read: (host: RecordingHost) => Promise<unknown>,
): Promise<CollectedEntries> {
  await using fixture = await hostFixture(tree);
  const host = new RecordingHost(fixture.root);
  await read(host);
  return collectEntries(fixture.root, host.reads);
}

describe('collectEntries()', () => {
  it('takes the texts that were read, and the symlinks on the way', async () => {
    const tree = {
      [`${device}/vendor`]: '0x8086\n',
      [`${device}/device`]: 'never read',
      'sys/bus/pci/devices/0000:6b:00.1': link(`../../../devices/pci0000:6a/0000:6b:00.1`),
    };
    const { entries } = await collected(tree, (host) => host.readText('/sys/bus/pci/devices/0000:6b:00.1/vendor'));
    expect([...entries]).toEqual([
      ['sys/bus/pci/devices/0000:6b:00.1', { kind: 'link', target: '../../../devices/pci0000:6a/0000:6b:00.1' }],
      [`${device}/vendor`, { kind: 'file', text: '0x8086\n' }],
    ]);
  });

  it('takes names and kinds of what was only listed', async () => {
    const tree = { 'dev/a': node('c', 1, 3), 'dev/b': dir(), 'dev/c': 'text', 'dev/d': link('a'), 'dev/e/f': 'deeper' };
    const { entries } = await collected(tree, (host) => host.list('/dev'));
    expect(Object.fromEntries(entries)).toEqual({
      dev: { kind: 'directory' },
      'dev/a': { kind: 'file', text: 'c 1:3\n' },
      'dev/b': { kind: 'directory' },
      'dev/c': { kind: 'file', text: '' },
      'dev/d': { kind: 'link', target: 'a' },
      'dev/e': { kind: 'directory' },
    });
  });

  it('makes symlinks relative that lead where they did', async () => {
    const tree = {
      'sys/a/b': link('/sys/c'),
      'sys/c': 'text',
      'sys/a/up': link('../../../../sys/c'),
      'sys/a/here': link('.'),
    };
    const { entries } = await collected(tree, async (host) => {
      for (const path of ['/sys/a/b', '/sys/a/up', '/sys/a/here']) await host.readText(path).catch(() => undefined);
    });
    expect(entries.get('sys/a/b')).toEqual({ kind: 'link', target: '../c' });
    expect(entries.get('sys/a/up')).toEqual({ kind: 'link', target: '../c' });
    expect(entries.get('sys/a/here')).toEqual({ kind: 'link', target: '.' });
    expect(entries.get('sys/c')).toEqual({ kind: 'file', text: 'text\n' });
  });

  it('takes a device node that was asked for, of either kind', async () => {
    const { entries } = await collected({ 'dev/a': 'c 226:128\n', 'dev/b': node('b', 8, 1) }, async (host) => {
      await host.deviceNode('/dev/a');
      await host.deviceNode('/dev/b');
    });
    expect([...entries.values()]).toEqual([
      { kind: 'file', text: 'c 226:128\n' },
      { kind: 'file', text: 'b 8:1\n' },
    ]);
  });

  it('names what was absent and what is outside, also by a symlink', async () => {
    const tree = { 'etc/hostname': 'worker', 'dev/out': link('../etc/hostname'), 'dev/gone': link('none') };
    const { entries, absent, outside } = await collected(tree, async (host) => {
      for (const path of ['/sys/none', '/dev/gone', '/etc/hostname', '/dev/out']) await host.readText(path);
    });
    expect([...entries.keys()]).toEqual(['dev/gone', 'dev/out']);
    expect(absent).toEqual(['/dev/gone', '/sys/none']);
    expect(outside).toEqual(['/dev/out', '/etc/hostname']);
  });

  it('has in the place of what cannot be read what cannot be read either', async () => {
    const tree = { 'sys/file': dir(), 'sys/loop': link('loop2'), 'sys/loop2': link('loop') };
    const { entries, unreadable } = await collected(tree, async (host) => {
      await host.readText('/sys/file').catch(() => undefined);
      await host.list('/sys/loop').catch(() => undefined);
    });
    expect(entries.get('sys/file')).toEqual({ kind: 'directory' });
    expect(unreadable.map(({ path, errno }) => [path, errno])).toEqual([
      ['/sys/file', 'EISDIR'],
      ['/sys/loop', 'ELOOP'],
    ]);
    expect([...entries].filter(([, entry]) => entry.kind === 'link').length).toBeGreaterThan(0);
  });

  it('has nothing below a directory that could not be read', async () => {
    const host = new RecordingHost('/nowhere');
    await using fixture = await hostFixture({ 'sys/kernel/debug/qat/status': 'up', 'sys/kernel/x': 'text' });
    const error = Object.assign(new Error('denied'), { code: 'EACCES' });
    const reads = new Map([
      ['/sys/kernel/debug', { failure: { as: 'directory', error } } as const],
      ['/sys/kernel/debug/qat/status', { text: 'up' }],
      ['/sys/kernel/x', { text: 'text' }],
    ]);
    const { entries, unreadable } = collectEntries(fixture.root, reads);
    expect([...entries]).toEqual([
      ['sys/kernel/debug', { kind: 'link', target: 'debug' }],
      ['sys/kernel/x', { kind: 'file', text: 'text\n' }],
    ]);
    expect(unreadable).toEqual([{ path: '/sys/kernel/debug', errno: 'EACCES' }]);
    expect(host.isReadOnly).toBe(true);
  });

  it('refuses what would be more than a replay takes', async () => {
    await using fixture = await hostFixture({ 'sys/a': '' });
    const reads = new Map([['/sys/a', { text: 'x'.repeat(65 * 1024 * 1024) }]]);
    expect(() => collectEntries(fixture.root, reads)).toThrow(/reads more than the 67108864 bytes/);
  });
});
