// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { PluginProcess } from './plugin-process.ts';
import { red, Rig } from './rig.ts';

/** Runs what is behind it in a user namespace with no inotify instances, or no watches, to its name. Source: namespaces(7), /proc/sys/user. */
function without(what: 'instances' | 'watches'): string[] {
  const script = `echo 0 > /proc/sys/user/max_inotify_${what} && exec "$0" "$@"`;
  return ['unshare', '--user', '--map-root-user', 'sh', '-c', script];
}

const [program = '', ...args] = without('watches');
const canBeTaken = spawnSync(program, [...args, 'true']).status === 0;
if (!canBeTaken)
  console.warn('SKIPPED: a host without inotify is not tried: unshare --user is not there, or not allowed');

describe.skipIf(!canBeTaken)('a plugin on a host that has run out of inotify', () => {
  it.each([
    ['instances', 'EMFILE', 'fs.inotify.max_user_instances'],
    ['watches', 'ENOSPC', 'fs.inotify.max_user_watches'],
  ] as const)('%s says so once (%s), and polls', async (what, code, limit) => {
    await using rig = await Rig.withKubelet();
    const flags = [`-device-plugin-path=${rig.dir}`, `-cdi-dir=${rig.temp.join('cdi')}`, '-metrics-bind-address=0'];
    await using plugin = new PluginProcess('color-plugin', [...flags, '-scan-period=1h'], {}, without(what));
    await rig.kubelet.waitFor({ resource: red, devices: 1, state: 'connected' });
    await expect.poll(() => plugin.stderr).toContain('cannot watch a directory, polling goes on');
    // Nothing but the directory tells of these: no stream ends.
    await rm(rig.socketOf(red));
    await rig.kubelet.waitFor({ resource: red, registrations: 2, state: 'connected' });
    await rig.kubelet.restart('graceful');
    await rig.kubelet.waitFor({ resource: red, registrations: 3, state: 'connected' });
    const lines = plugin.stderr.split('\n').filter((line) => line.includes('cannot watch'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(code);
    expect(lines[0]).toContain(limit);
    plugin.signal('SIGTERM');
    expect(await plugin.end()).toBe(0);
    expect(rig.files()).toEqual([]);
  });
});
