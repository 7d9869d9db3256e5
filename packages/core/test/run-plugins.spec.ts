// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { PluginProcess } from './plugin-process.ts';
import { Rig } from './rig.ts';
import { blue, get, green, listed, red, start } from './several-plugins.ts';

describe('runPlugins()', () => {
  it('runs plugins with a log that names them, one port for metrics, and flags in files', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(rig, { 'red.flags': '# two of them\n-count 2\n', 'blue.flags': '-count=3\n' });
    await listed(rig, [red], 2);
    await listed(rig, [green], 1);
    await listed(rig, [blue], 3);
    for (const name of ['red', 'green', 'blue'])
      await expect
        .poll(() => plugin.stderr)
        .toMatch(new RegExp(`"registered with the kubelet" plugin="${name}-plugin" resource="${name}\\.example`));
    await expect
      .poll(() => get(plugin, '/readyz'))
      .toBe(
        `ok red-plugin scan\nok red-plugin ${red} (2 devices)\n` +
          `ok green-plugin scan\nok green-plugin ${green} (1 devices)\n` +
          `ok blue-plugin scan\nok blue-plugin ${blue} (3 devices)\n`,
      );
    const metrics = await get(plugin, '/metrics');
    expect(metrics.match(/^device_plugin_(up|info|stream_open).*$/gm)).toEqual([
      ...['red', 'green', 'blue'].map((name) => `device_plugin_info{plugin="${name}-plugin",version="0.1.0"} 1`),
      ...['red', 'green', 'blue'].map((name) => `device_plugin_up{plugin="${name}-plugin"} 1`),
      ...['red', 'green', 'blue'].map(
        (name) => `device_plugin_stream_open{plugin="${name}-plugin",resource="${name}.example.com/card"} 1`,
      ),
    ]);
    plugin.signal('SIGUSR1');
    await listed(rig, [green], 2);
    await listed(rig, [red], 3);
    plugin.signal('SIGTERM');
    expect(await plugin.end()).toBe(0);
    expect(rig.files()).toEqual([]);
  });

  it.each([
    ['-count=many', ':1: invalid value \\"many\\" for flag -count: parse error'],
    ['# none\n-count 0', ':2: invalid value \\"0\\" for flag -count: must be positive'],
    ['-v=4', ':1: -v is a flag of all plugins: give it on the command line'],
    ['-count=2\n-fail=flag\n-lives=3', ':2: flags that do not go together'],
    ['-fail=flag', ': flags that do not go together'],
  ])('gives a plugin up whose flags are %j, with file and line', async (text, message) => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(rig, { 'red.flags': text });
    await listed(rig, [green, blue]);
    const error = `${rig.temp.join('flags/red.flags')}${message}`;
    await expect
      .poll(() => plugin.stderr)
      .toContain(`"the plugin is given up, the others go on" plugin="red-plugin" error="${error}"`);
    expect(await get(plugin, '/readyz')).toContain('not ready red-plugin plugin: given up: ');
    expect(rig.kubelet.registrations(red)).toBe(0);
    plugin.signal('SIGTERM');
    expect(await plugin.end()).toBe(0);
  });

  it('exits 2 when the flags of every plugin are wrong, and 1 when no plugin is left for another reason', async () => {
    await using rig = await Rig.withKubelet();
    const wrong = { 'red.flags': '-nope', 'green.flags': 'count', 'blue.flags': '-count=0' };
    await using flags = await start(rig, wrong);
    expect(await flags.end()).toBe(2);
    await using room = new PluginProcess('three-plugins', [
      ...['-plugins=red,green', `-device-plugin-path=/${'d'.repeat(90)}`, '-metrics-bind-address=0'],
    ]);
    expect(await room.end()).toBe(1);
    expect(room.stderr.match(/use a shorter -device-plugin-path/g)).toHaveLength(2);
    expect([rig.files(), rig.kubelet.calls]).toEqual([[], []]);
  });

  it('exits 1 when the plugin directory was deleted, which is that of all', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(rig, { 'red.flags': '-fail=directory', 'green.flags': '-fail=hang' });
    expect(await plugin.end()).toBe(1);
    expect(rig.files()).toEqual([]);
  });

  it('exits 1 on an error that comes from no plugin', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(rig, {}, [], { FAIL_ITSELF: '1' });
    expect(await plugin.end()).toBe(1);
    expect(plugin.stderr).toContain('"three-plugins ends" error="of no plugin"');
  });

  it.each([
    [['-plugins=rad'], 'there is no plugin \\"rad\\"; there are red, green, blue, broken; did you mean red?'],
    [['-plugins=red,red'], 'plugin red is named twice'],
    [[], 'name the plugins to run: -plugins=red,green,blue,broken'],
    [['-plugins=red', '-count=2'], 'flag provided but not defined: -count'],
  ])('exits 2 for the command line %j', async (args, message) => {
    await using plugin = new PluginProcess('three-plugins', args);
    expect(await plugin.end()).toBe(2);
    expect(plugin.stderr.replaceAll('"', '\\"')).toContain(message);
  });

  it('shows its flags, and those of each plugin, and exits 0 on -h', async () => {
    await using plugin = new PluginProcess('three-plugins', ['-h']);
    expect(await plugin.end()).toBe(0);
    for (const text of [
      'Usage of three-plugins:',
      '-flags-dir string',
      '-v value',
      'Usage of blue in blue.flags:',
      '-lives int',
    ])
      expect(plugin.stderr).toContain(text);
    expect(plugin.stderr.match(/environment variable/g)).toHaveLength(1);
  });

  it('warns of a flags file that is of no plugin', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(rig, { 'rde.flags': '-count=2', 'broken.flags': '-x' });
    await listed(rig, [red]);
    expect(plugin.stderr.match(/"no plugin has this flags file".*/g)).toEqual([
      `"no plugin has this flags file" file="${rig.temp.join('flags/rde.flags')}" nearest="${rig.temp.join('flags/red.flags')}"`,
    ]);
  });

  it('ends at once on a second signal', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(rig, { 'red.flags': '-fail=hang' });
    await listed(rig, [green, blue]);
    plugin.signal('SIGTERM');
    plugin.signal('SIGINT');
    expect([0, 1]).toContain(await plugin.end());
  });
});
