// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { Rig } from './rig.ts';
import { blue, expectUntouched, get, green, listed, red, start } from './several-plugins.ts';

describe('one of several plugins that fails', () => {
  it.each([
    ['create', 'no such colour'],
    ['scan', 'cannot look'],
    ['return', 'the scan of the plugin returned'],
    ['timer', 'nobody caught an error of the plugin: lost by a timer'],
    ['promise', 'nobody caught an error of the plugin: lost by a promise'],
    ['event', 'nobody caught an error of the plugin: lost by a event'],
  ])('starts a plugin again that fails by %s, and the others do not feel it', async (how, reason) => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(rig, { 'red.flags': `-lives=1\n-fail=${how}` });
    await listed(rig, [green, blue]);
    await expect.poll(() => plugin.stderr).toContain('the plugin ended and is started again, the others go on');
    await expect.poll(() => plugin.stderr.match(/"serving" plugin="red-plugin"/g) ?? []).not.toEqual([]);
    await expect.poll(() => get(plugin, '/metrics')).toMatch(/device_plugin_up\{plugin="red-plugin"\} 1/);
    await listed(rig, [red]);
    expectUntouched(rig, [green, blue]);
    const lines = plugin.stderr.split('\n').filter((line) => line.includes('the plugin ended'));
    expect(lines).toEqual([expect.stringContaining(`plugin="red-plugin"`)]);
    expect(lines[0]).toContain(`error="${reason}`);
    expect((await get(plugin, '/metrics')).match(/^device_plugin_failures_total.*$/gm)).toEqual([
      'device_plugin_failures_total{plugin="red-plugin"} 1',
    ]);
    plugin.signal('SIGTERM');
    expect(await plugin.end()).toBe(0);
    expect(rig.files()).toEqual([]);
  });

  it('knows whose allocation it was that led to an error later', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(rig, { 'red.flags': '-lives=1\n-fail=allocate-later' });
    await listed(rig, [red, green, blue]);
    await rig.client(rig.socketOf(red)).allocate(['red-1']);
    await expect.poll(() => plugin.stderr).toMatch(/the plugin ended.*plugin="red-plugin".*lost by a timer/);
    await expect.poll(() => rig.kubelet.registrations(red)).toBe(2);
    await listed(rig, [red]);
    expectUntouched(rig, [green, blue]);
  });

  it('goes on while a plugin is down, and says so', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(rig, { 'red.flags': '-fail=scan', 'green.flags': '-fail=hang' });
    await listed(rig, [blue]);
    await expect
      .poll(() => get(plugin, '/readyz'))
      .toMatch(/^not ready red-plugin plugin: ended, to be started again at \S+Z: cannot look$/m);
    expect(await get(plugin, '/readyz')).toContain('not ready green-plugin plugin: it is being made\n');
    expect(await get(plugin, '/healthz')).toBe('ok\n');
    const metrics = await get(plugin, '/metrics');
    for (const [name, up] of [
      ['red', 0],
      ['green', 0],
      ['blue', 1],
    ] as const)
      expect(metrics).toContain(`device_plugin_up{plugin="${name}-plugin"} ${up}\n`);
    plugin.signal('SIGTERM');
    expect(await plugin.end()).toBe(0);
  });

  it('lives while every plugin waits for its next start', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(
      rig,
      Object.fromEntries(['red', 'green', 'blue'].map((name) => [`${name}.flags`, '-lives=2\n-fail=scan'])),
      ['-metrics-bind-address=0'],
    );
    await listed(rig, [red, green, blue]);
    expect(plugin.stderr.match(/the plugin ended and is started again/g)).toHaveLength(6);
  });

  it('hears of what an ended plugin left behind once, and nobody ends for it', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(rig, { 'red.flags': '-lives=1\n-fail=leak' });
    await listed(rig, [green, blue]);
    await expect.poll(() => plugin.stderr).toContain('a plugin that has ended left an error behind');
    await expect.poll(() => rig.kubelet.registrations(red)).toBe(2);
    await listed(rig, [red]);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(plugin.stderr.match(/a plugin that has ended left an error behind/g)).toHaveLength(1);
    expect(plugin.stderr.match(/the plugin ended/g)).toHaveLength(1);
    expectUntouched(rig, [green, blue]);
  });

  it('refuses an allocation that throws, which ends nothing', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(rig, { 'red.flags': '-fail=allocate' });
    await listed(rig, [red, green, blue]);
    await expect(rig.client(rig.socketOf(red)).allocate(['red-1'])).rejects.toThrow('no allocation');
    await rig.client(rig.socketOf(green)).allocate(['green-1']);
    expect(plugin.stderr).toContain('"allocation refused" plugin="red-plugin"');
    expectUntouched(rig, [red, green, blue]);
    expect(await get(plugin, '/metrics')).not.toContain('device_plugin_failures_total{');
  });

  it('goes on without a plugin that cannot be loaded', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(rig, {}, ['-plugins=broken,red']);
    await listed(rig, [red]);
    await expect.poll(() => plugin.stderr).toMatch(/the plugin ended.*plugin="broken".*error="cannot be loaded"/);
  });

  it('ends in order when a plugin fails at the end', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(rig, { 'red.flags': '-fail=abort', 'green.flags': '-fail=abort' });
    await listed(rig, [red, green, blue]);
    plugin.signal('SIGTERM');
    expect(await plugin.end()).toBe(0);
    expect(plugin.stderr).toMatch(/plugin="red-plugin" error=(<\n\t)?"?.*at the end/);
    expect(rig.files()).toEqual([]);
  });
});
