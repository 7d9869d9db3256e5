// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { PluginProcess } from './plugin-process.ts';
import { Rig } from './rig.ts';

const red = 'red.example.com/card';
const green = 'green.example.com/card';
const blue = 'blue.example.com/card';

/** The three plugins in the directory of a rig, with these flags files. */
async function start(
  rig: Rig,
  files: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<PluginProcess> {
  await mkdir(rig.temp.join('flags'));
  for (const [name, text] of Object.entries(files)) await writeFile(rig.temp.join('flags', name), text);
  const places = [`-device-plugin-path=${rig.dir}`, `-cdi-dir=${rig.temp.join('cdi')}`];
  const common = [...places, '-metrics-bind-address=127.0.0.1:0', '-scan-period=1h', '-v=1'];
  return new PluginProcess(
    'three-plugins',
    [...common, `-flags-dir=${rig.temp.join('flags')}`, '-plugins=red,green,blue', ...args],
    env,
  );
}

async function listed(rig: Rig, resources: readonly string[], devices = 1): Promise<void> {
  for (const resource of resources) await rig.kubelet.waitFor({ resource, devices, state: 'connected' });
}

/** The answer of its one port. */
async function get(plugin: PluginProcess, path: string): Promise<string> {
  await expect.poll(() => plugin.stderr).toContain('"serving metrics and health"');
  const base = `http://${/health" address="([^"]+)"/.exec(plugin.stderr)?.[1]}`;
  return await (await fetch(base + path)).text();
}

/** What a plugin that goes on has felt of it: nothing. */
function expectUntouched(rig: Rig, resources: readonly string[]): void {
  for (const resource of resources) {
    expect(rig.kubelet.registrations(resource)).toBe(1);
    expect(rig.kubelet.resources().get(resource)?.state).toBe('connected');
  }
}

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
    await expect.poll(() => plugin.stderr).toContain('an error of an earlier start of the plugin');
    await expect.poll(() => rig.kubelet.registrations(red)).toBe(2);
    await listed(rig, [red]);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(plugin.stderr.match(/an error of an earlier start of the plugin/g)).toHaveLength(1);
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

  it('goes on without a plugin that cannot be loaded', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = await start(rig, {}, ['-plugins=broken,red']);
    await listed(rig, [red]);
    await expect.poll(() => plugin.stderr).toMatch(/the plugin ended.*plugin="broken".*error="cannot be loaded"/);
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
