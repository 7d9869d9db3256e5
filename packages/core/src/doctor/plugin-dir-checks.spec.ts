// SPDX-License-Identifier: Apache-2.0
import { chmod } from 'node:fs/promises';
import { dir, link } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { SceneFixture, verdictOn } from '../../test/support/scene.ts';
import type { PathFacts } from './path-facts.ts';
import {
  judgeAccess,
  judgeDirectory,
  judgeMount,
  judgeSpace,
  pluginDirAccessCheck,
  pluginDirCheck,
  pluginDirMountCheck,
  pluginDirSpaceCheck,
  socketPathCheck,
} from './plugin-dir-checks.ts';

const facts: PathFacts = { path: '/plugins', kind: 'directory', links: 2, uid: 0, mode: 0o750, refusal: undefined };

describe('plugin-dir', () => {
  it.each([
    ['problem: /plugins is not there; the nearest directory is /', {}],
    ['problem: /plugins is no directory', { plugins: 'text' }],
    ['problem: /plugins is not there; the nearest directory is /', { plugins: link('nowhere') }],
  ])('says %j', async (verdict, tree) => {
    expect(await verdictOn(pluginDirCheck, tree)).toBe(verdict);
  });

  it('follows links as the node would', async () => {
    const tree = { 'real/plugins': dir(), plugins: link('/real/plugins') };
    expect(await verdictOn(pluginDirCheck, tree)).toMatch(/^ok: \/plugins, mode 0755, of uid \d+$/);
  });

  it('warns of a directory that anybody may write to', async () => {
    await using node = await SceneFixture.create({ plugins: dir() });
    await chmod(node.fixture.path('plugins'), 0o777);
    expect(await node.find(pluginDirCheck)).toMatchObject({ state: 'warning', remedy: 'chmod 0750 /plugins' });
  });

  it('knows one that was deleted under a mount of it, and one that cannot be looked at', () => {
    expect(judgeDirectory({ ...facts, links: 0 })).toMatchObject({
      state: 'problem',
      remedy: expect.stringContaining('kubectl delete pod') as unknown,
    });
    expect(judgeDirectory({ ...facts, kind: 'unreadable', refusal: 'EACCES' })).toEqual({
      state: 'problem',
      found: '/plugins cannot be looked at: EACCES',
    });
  });
});

describe('plugin-dir-access', () => {
  it('leaves nothing behind', async () => {
    await using node = await SceneFixture.create({ plugins: dir(), 'proc/1/status': 'Uid:\t0\t0\t0\t0\n' });
    expect(await node.find(pluginDirAccessCheck)).toMatchObject({ state: 'ok' });
    expect(await node.scene.files.list('/plugins')).toEqual([]);
    await node.fixture.remove('plugins');
    expect(await node.find(pluginDirAccessCheck)).toMatchObject({ state: 'not applicable' });
  });

  it.each([
    ['EROFS', 0, 0, 'mounted read-only', 'readOnly'],
    ['EACCES', 0, 0, 'SELinux or AppArmor', 'container_device_plugin_t'],
    ['EACCES', 1000, 0, 'refuses uid 1000', undefined],
    ['EACCES', 1000, 1000, 'SELinux or AppArmor', 'restorecon'],
    ['EACCES', undefined, 0, 'refuses this user', undefined],
  ])('explains %s for uid %s in a directory of uid %s', (refusal, uid, owner, found, remedy) => {
    const verdict = judgeAccess({ ...facts, refusal, uid: owner }, uid);
    expect(verdict.state).toBe('problem');
    expect(verdict.found).toContain(found);
    expect(verdict.remedy ?? '').toContain(remedy ?? '');
    expect(verdict.remedy === undefined).toBe(remedy === undefined);
  });

  it('does not blame a security module for a mode that refuses the owner', () => {
    expect(judgeAccess({ ...facts, mode: 0o550, refusal: 'EACCES' }, 0).found).toBe('/plugins refuses uid 0: EACCES');
  });
});

describe('plugin-dir-mount', () => {
  const mountInfo = (fileSystem: string, at = '/plugins'): string =>
    `1 0 8:1 / / rw - overlay overlay rw\n2 1 8:2 / ${at} rw,relatime shared:1 - ${fileSystem} /dev/x rw\n`;

  it.each([
    ['ext4', '/plugins', 'ok: on ext4, mounted at /plugins'],
    ['nfs4', '/plugins', 'problem: it is on nfs4, mounted at /plugins'],
    ['ext4', '/other', "problem: it is in the container's own file system: nothing is mounted there"],
  ])('says of %s at %s: %s', async (fileSystem, at, verdict) => {
    const tree = { plugins: dir(), 'proc/1/mountinfo': mountInfo(fileSystem, at) };
    expect(await verdictOn(pluginDirMountCheck, tree)).toBe(verdict);
  });

  it('does not know without a table, and does not apply without a process', async () => {
    expect(judgeMount(undefined).state).toBe('unknown');
    expect(await verdictOn(pluginDirMountCheck, {}, { process: undefined })).toContain('not applicable: no process');
  });
});

describe('plugin-dir-space', () => {
  it('looks at the file system of the directory', async () => {
    expect(await verdictOn(pluginDirSpaceCheck, { plugins: dir() })).toBe('ok: there is space');
    expect(await verdictOn(pluginDirSpaceCheck, {})).toContain('not applicable');
  });

  it.each([
    ['problem', { bavail: 0, files: 10, ffree: 5 }],
    ['problem', { bavail: 10, files: 10, ffree: 0 }],
    ['ok', { bavail: 10, files: 0, ffree: 0 }],
  ])('says %s of %j', (state, space) => {
    expect(judgeSpace(space).state).toBe(state);
  });
});

describe('socket-path', () => {
  it.each([
    ['ok: 54 of 107 bytes', '/var/lib/kubelet/device-plugins'],
    ['ok: 107 of 107 bytes', `/${'d'.repeat(83)}`],
    ['problem: a socket in /', `/${'d'.repeat(84)}`],
    ['problem: a socket in /', `/${'\u00e4'.repeat(42)}`],
  ])('says %j of %s', async (verdict, devicePluginPath) => {
    expect(await verdictOn(socketPathCheck, {}, { devicePluginPath })).toContain(verdict);
  });
});
