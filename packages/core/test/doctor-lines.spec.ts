// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { PluginProcess } from './plugin-process.ts';
import { Rig } from './rig.ts';
import { start } from './several-plugins.ts';
import { TempDir } from './temp-dir.ts';

/** The checks that a plugin has told of, in their order. */
function told(plugin: PluginProcess): string[] {
  return [...plugin.stderr.matchAll(/"this may be why".* check="([a-z-]+)"/g)].map(([, id = '']) => id);
}

function colour(temp: TempDir, directory: string, via: readonly string[] = []): PluginProcess {
  const places = [`-device-plugin-path=${directory}`, `-cdi-dir=${temp.join('cdi')}`, '-metrics-bind-address=0'];
  return new PluginProcess('color-plugin', places, {}, via);
}

/** Runs what is behind it with mounts of its own. */
const ownMounts = ['unshare', '-m'] as const;
const canMount = spawnSync(ownMounts[0], [ownMounts[1], 'mount', '--bind', '/tmp', '/tmp']).status === 0;

describe('a plugin that cannot start', () => {
  it('says what is wrong with the node behind the error, and exits as it would', async () => {
    await using rig = await Rig.create();
    await using plugin = new PluginProcess('color-plugin', [
      ...['-fail=create', `-device-plugin-path=${rig.dir}`, '-metrics-bind-address=0'],
    ]);
    expect(await plugin.end()).toBe(1);
    expect(told(plugin)).toContain('kubelet-socket');
    expect(plugin.stderr.indexOf('no such colour')).toBeLessThan(plugin.stderr.indexOf('this may be why'));
    expect(plugin.stderr).toMatch(/check="kubelet-socket" found=".*" why=".*" remedy="systemctl restart kubelet .*"/);
    expect(rig.files()).toEqual([]);
  });

  it('says nothing of a node where flags are wrong, or where all is well', async () => {
    await using rig = await Rig.withKubelet();
    await using flags = new PluginProcess('color-plugin', ['-fail=flag', `-device-plugin-path=${rig.temp.join('no')}`]);
    expect(await flags.end()).toBe(2);
    expect(told(flags)).toEqual([]);
    await using scan = new PluginProcess('color-plugin', ['-fail=scan', `-device-plugin-path=${rig.dir}`]);
    expect(await scan.end()).toBe(1);
    expect(scan.stderr).toContain('cannot look');
    expect(told(scan)).not.toContain('kubelet-socket');
    expect(told(scan).filter((id) => id.startsWith('plugin-dir'))).toEqual([]);
  });

  it('says so once for several plugins', async () => {
    await using rig = await Rig.create();
    await using plugin = await start(rig, {
      'red.flags': '-fail=create',
      'green.flags': '-fail=create',
      'blue.flags': '-fail=scan',
    });
    await expect.poll(() => told(plugin)).toContain('kubelet-socket');
    await expect.poll(() => plugin.stderr.match(/the plugin ended/g)?.length ?? 0).toBeGreaterThan(3);
    expect(told(plugin).filter((id) => id === 'kubelet-socket')).toHaveLength(1);
    plugin.signal('SIGTERM');
    expect(await plugin.end()).toBe(0);
  });
});

describe('a plugin that cannot register', () => {
  it('says at once that the directory is missing, and goes on when it is there', async () => {
    await using temp = await TempDir.create();
    await using plugin = colour(temp, temp.join('no'));
    await expect.poll(() => told(plugin)).toContain('plugin-dir');
    expect(plugin.stderr).toContain(`${temp.join('no')} is not there; the nearest directory is ${temp.path}`);
    expect(told(plugin)).not.toContain('kubelet-socket');
    await mkdir(temp.join('no'));
    await expect.poll(() => plugin.stderr).toContain('waiting for the kubelet');
    plugin.signal('SIGTERM');
    expect(await plugin.end()).toBe(0);
    expect(told(plugin).filter((id) => id === 'plugin-dir')).toHaveLength(1);
  });

  // Root may write where nobody else may, so the plugin is started as somebody else, which only root can do.
  it.skipIf(process.getuid?.() !== 0)('says who may not write to the directory', async () => {
    await using temp = await TempDir.create();
    await chmod(temp.path, 0o755);
    await mkdir(temp.join('dp'), { mode: 0o755 });
    await using plugin = colour(temp, temp.join('dp'), ['setpriv', '--reuid=65534', '--clear-groups']);
    await expect.poll(() => told(plugin)).toContain('plugin-dir-access');
    expect(plugin.stderr).toContain(`${temp.join('dp')} refuses uid 65534: EACCES`);
    expect(plugin.stderr).toContain('runAsUser: 0');
    plugin.signal('SIGTERM');
    expect(await plugin.end()).toBe(0);
  });

  // A read-only mount takes a namespace of its own, and the right to mount, which containers seldom have.
  it.skipIf(!canMount)('says that the directory is mounted read-only', async () => {
    await using temp = await TempDir.create();
    await mkdir(temp.join('dp'));
    const readOnly = `mount --bind '${temp.join('dp')}' '${temp.join('dp')}' && mount -o remount,bind,ro '${temp.join('dp')}' && exec "$@"`;
    await using plugin = colour(temp, temp.join('dp'), [...ownMounts, 'sh', '-c', readOnly, 'sh']);
    await expect.poll(() => told(plugin)).toContain('plugin-dir-access');
    expect(plugin.stderr).toContain(`${temp.join('dp')} is mounted read-only`);
    plugin.signal('SIGTERM');
    expect(await plugin.end()).toBe(0);
  });

  it('says that the kubelet is down when it stays away, and not before', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = colour(rig.temp, rig.dir);
    await rig.kubelet.waitFor({ resource: 'color.example.com/red', devices: 1, state: 'connected' });
    await rig.kubelet.restart('graceful');
    await rig.kubelet.waitFor({ resource: 'color.example.com/red', state: 'connected', registrations: 1 });
    expect(told(plugin)).toEqual([]);
    await rig.kubelet.stop();
    await rm(`${rig.dir}/kubelet.sock`, { force: true });
    await expect.poll(() => told(plugin), { timeout: 15_000 }).toContain('kubelet-socket');
    plugin.signal('SIGTERM');
    expect(await plugin.end()).toBe(0);
  });
});
