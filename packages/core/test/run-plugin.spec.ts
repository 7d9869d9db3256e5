// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { PluginProcess } from './plugin-process.ts';
import { red, Rig } from './rig.ts';

/** The color plugin in the directory of a rig. */
function start(rig: Rig, ...args: readonly string[]): PluginProcess {
  const common = [
    `-device-plugin-path=${rig.dir}`,
    `-cdi-dir=${rig.temp.join('cdi')}`,
    '-metrics-bind-address=0',
    '-scan-period=1h',
  ];
  return new PluginProcess('color-plugin', [...common, ...args]);
}

async function listed(rig: Rig, devices: number): Promise<void> {
  await rig.kubelet.waitFor({ resource: red, devices, state: 'connected' });
}

describe('runPlugin()', () => {
  it('exits 1 for a capture that it cannot replay, and says why', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = start(rig, '-replay=/dev/null');
    expect(await plugin.end()).toBe(1);
    expect(plugin.stderr).toMatch(/cannot replay \/dev\/null: it is no tar archive/);
    expect(rig.kubelet.calls).toEqual([]);
  });

  it.each(['-h', '--help'])('shows its flags and exits 0 on %s', async (flag) => {
    await using plugin = new PluginProcess('color-plugin', [flag]);
    expect(await plugin.end()).toBe(0);
    for (const own of ['Usage of color-plugin', '-resource', '-slow-allocate', '-metrics-bind-address', '-v'])
      expect(plugin.stderr).toContain(own);
  });

  it.each([
    ['-nope', 'flag provided but not defined: -nope'],
    ['-scan-period=soon', 'invalid value "soon" for flag -scan-period'],
    ['-fail=whatever', '-fail'],
    [['-replay=node.tar', '-prefix=/host'], '-replay brings a /sys and /dev of its own'],
  ])('says what is wrong and exits 2 on %s, with nothing registered', async (flag, text) => {
    await using rig = await Rig.withKubelet();
    await using plugin = start(rig, ...[flag].flat());
    expect(await plugin.end()).toBe(2);
    expect(plugin.stderr).toContain(text);
    expect([rig.files(), rig.kubelet.calls]).toEqual([[], []]);
  });

  it.each([
    ['create', 1, 'no such colour'],
    ['flag', 2, 'flags that do not go together'],
    ['scan', 1, 'cannot look'],
  ])('exits when %s fails, with %d and the message', async (what, code, text) => {
    await using rig = await Rig.withKubelet();
    await using plugin = start(rig, `-fail=${what}`);
    expect(await plugin.end()).toBe(code);
    expect(plugin.stderr).toContain(text);
    expect([rig.files(), rig.kubelet.calls]).toEqual([[], []]);
  });

  it('says in a sentence that no socket has room in the plugin directory, and exits 1', async () => {
    await using plugin = new PluginProcess('color-plugin', [
      `-device-plugin-path=/${'d'.repeat(90)}`,
      '-metrics-bind-address=0',
    ]);
    expect(await plugin.end()).toBe(1);
    const [first = '', ...others] = plugin.stderr.trimEnd().split('\n');
    expect(first).toMatch(/^E.*a socket would be \/d.* bytes.*use a shorter -device-plugin-path \(.*\)"?$/);
    expect(others.filter((line) => !/^W.*"this may be why" check="[a-z-]+"/.test(line))).toEqual([]);
    expect(others).toContainEqual(expect.stringContaining('check="socket-path"'));
    expect(plugin.stderr).not.toContain('color.example.com');
  });

  it('exits 0 when the scan returns', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = start(rig, '-fail=early');
    expect(await plugin.end()).toBe(0);
    expect(plugin.stderr).toContain('the scan returned without being asked to stop');
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('ends in order on %s', async (signal) => {
    await using rig = await Rig.withKubelet();
    await using plugin = start(rig);
    await listed(rig, 1);
    plugin.signal(signal);
    expect(await plugin.end()).toBe(0);
    expect(rig.files()).toEqual([]);
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
    expect(plugin.stderr).toMatch(new RegExp(`^I.*"stopping" signal="${signal}"$`, 'm'));
  });

  it('ends on SIGTERM while there is no kubelet, no directory and nothing to serve', async () => {
    await using rig = await Rig.create();
    await using waiting = start(rig);
    await expect.poll(() => waiting.stderr).toContain('waiting for the kubelet');
    await using homeless = new PluginProcess('color-plugin', [
      `-device-plugin-path=${rig.temp.join('no')}`,
      '-metrics-bind-address=127.0.0.1:0',
    ]);
    await expect.poll(() => homeless.stderr).toContain('cannot serve the resource');
    expect(homeless.stderr).toMatch(/no socket can be made in .*-device-plugin-path.*ENOENT/);
    for (const plugin of [homeless, waiting]) {
      plugin.signal('SIGTERM');
      expect(await plugin.end()).toBe(0);
    }
    expect(rig.files()).toEqual([]);
  });

  it('ends on SIGTERM while the plugin is still being made', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = start(rig, '-fail=hang');
    await expect.poll(() => plugin.stderr).toContain('creating');
    plugin.signal('SIGTERM');
    expect(await plugin.end()).toBe(0);
    expect([rig.files(), rig.kubelet.calls]).toEqual([[], []]);
  });

  it('ends at once on a second signal', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = start(rig, '-slow-allocate');
    await listed(rig, 1);
    const refused = expect(rig.client(rig.socketOf(red)).allocate(['red-1'])).rejects.toThrow();
    await rig.client(rig.socketOf(red)).options();
    plugin.signal('SIGTERM');
    await expect.poll(() => plugin.stderr).toContain('"stopping"');
    expect(plugin.isRunning).toBe(true);
    plugin.signal('SIGTERM');
    const startMs = performance.now();
    expect(await plugin.end()).toBe(1);
    expect(performance.now() - startMs).toBeLessThan(4_000);
    expect(plugin.stderr).toContain('second signal');
    await refused;
  });

  it('looks for devices anew on SIGUSR1', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = start(rig);
    await listed(rig, 1);
    plugin.signal('SIGUSR1');
    await listed(rig, 2);
    plugin.signal('SIGUSR1');
    await listed(rig, 3);
    expect(rig.kubelet.registrations(red)).toBe(1);
  });

  it('comes back after it was killed, over its own stale socket', async () => {
    await using rig = await Rig.withKubelet();
    for (let i = 1; i <= 2; i++) {
      await using plugin = start(rig, '-socket-name-style=classic');
      await rig.kubelet.waitFor({ resource: red, devices: 1, state: 'connected', registrations: i });
      plugin.signal('SIGKILL');
      expect(await plugin.end()).toBe('SIGKILL');
      await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
      expect(rig.files()).toEqual(['color.example.com-red.sock']);
    }
  });

  it("logs in klog's lines, and as many of them as -v says", async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = start(rig, '-v=1');
    await listed(rig, 1);
    await expect.poll(() => plugin.stderr).toContain('registered with the kubelet');
    for (const line of plugin.stderr.trim().split('\n'))
      expect(line).toMatch(/^[IWE]\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ [\w.-]+:\d+\] /);
    expect(plugin.stderr).toContain('"serving" resource="color.example.com/red"');
    expect(plugin.stdout).toBe('');
  });

  it('logs in JSON with -logging-format=json', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = start(rig, '-logging-format=json');
    await listed(rig, 1);
    await expect.poll(() => plugin.stderr).toContain('registered with the kubelet');
    const lines = plugin.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'registered with the kubelet', resource: red }));
  });

  it('takes flags from the environment', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = new PluginProcess('color-plugin', ['-metrics-bind-address=0'], {
      KDP_DEVICE_PLUGIN_PATH: rig.dir,
      KDP_RESOURCE: 'blue',
      KDP_METRICS_BIND_ADDRESS: 'not looked at',
      KDP_SCAN_PEROID: '1h',
    });
    await rig.kubelet.waitFor({ resource: 'color.example.com/blue', devices: ['blue-1'] });
    expect(plugin.stderr.match(/"no flag has .*/g)).toEqual([
      '"no flag has this environment variable" variable="KDP_SCAN_PEROID" nearest="KDP_SCAN_PERIOD"',
    ]);
    expect(plugin.isRunning).toBe(true);
  });

  it('serves metrics and health, and stops to', async () => {
    await using rig = await Rig.withKubelet();
    await using plugin = start(rig, '-v=1', '-metrics-bind-address=127.0.0.1:0');
    await listed(rig, 1);
    await expect.poll(() => plugin.stderr).toMatch(/"serving metrics and health" address="127\.0\.0\.1:\d+"/);
    // What can wait has waited until the kubelet had its list or was registered with.
    const metricsAt = plugin.stderr.indexOf('"serving metrics');
    expect(metricsAt).toBeGreaterThan(plugin.stderr.indexOf('"serving" resource'));
    expect(plugin.stderr).toContain('registered with the kubelet');
    const base = `http://${/address="([^"]+)"/.exec(plugin.stderr)?.[1]}`;
    const get = async (path: string): Promise<string> => await (await fetch(base + path)).text();
    await expect(get('/healthz')).resolves.toBe('ok\n');
    await expect(get('/readyz')).resolves.toBe('ok scan\nok color.example.com/red (1 devices)\n');
    const metrics = await get('/metrics');
    expect(metrics).toContain('device_plugin_info{plugin="color-plugin",version="0.1.0"} 1');
    expect(metrics).toContain('device_plugin_stream_open{resource="color.example.com/red"} 1');
    plugin.signal('SIGTERM');
    expect(await plugin.end()).toBe(0);
    await expect(get('/healthz')).rejects.toThrow();
  });

  it('says so and goes on when the port of the metrics is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    await using rig = await Rig.withKubelet();
    await using plugin = start(rig, `-metrics-bind-address=127.0.0.1:${(other.address() as AddressInfo).port}`);
    await listed(rig, 1);
    await expect.poll(() => plugin.stderr).toContain('cannot serve metrics and health, trying again');
    expect(plugin.isRunning).toBe(true);
    other.close();
  });
});

describe('buildSimpleDevicePlugin() as a process', () => {
  it('stays alive while there is nothing to serve, comes when there is, and ends on SIGTERM', async () => {
    await using rig = await Rig.create();
    const dir = rig.temp.join('later');
    await using plugin = new PluginProcess('seat-plugin', [dir]);
    await expect.poll(() => plugin.stderr).toContain('cannot serve the resource');
    const { FakeKubelet } = await import('@kube-device-plugins/testkit');
    await using kubelet = new FakeKubelet({ dir });
    await kubelet.start();
    await kubelet.waitFor({ resource: red, devices: ['seat-1'], state: 'connected' });
    plugin.signal('SIGTERM');
    expect(await plugin.end()).toBe(0);
    expect(rig.files(dir)).toEqual([]);
  });
});
