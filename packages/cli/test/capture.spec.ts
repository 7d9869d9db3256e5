// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { extractCapture, Host } from '@kube-device-plugins/core';
import { hostFixture, node, PluginWorld } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostCases } from './hosts.ts';
import { kdp } from './recording-context.ts';

const run = promisify(execFile);
const main = join(import.meta.dirname, '../src/main.ts');

let directory: string;
let tar: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kdp-'));
  tar = join(directory, 'node.tar');
});
afterEach(() => rm(directory, { recursive: true }));

async function captured(plugin: string, root: string, ...args: string[]): Promise<string> {
  const { code, errors } = await kdp(['capture', plugin, '--prefix', root, '-o', tar, ...args]);
  expect(code, errors).toBe(0);
  return errors;
}

async function inspected(...args: string[]): Promise<string> {
  return (await kdp(['inspect', '-o', 'json', ...args])).output;
}

describe('kdp capture', () => {
  it.each(Object.entries(hostCases))('makes of %s a capture on which inspect prints the same', async (_, host) => {
    const { plugin, flags, tree } = host;
    await using fixture = await hostFixture(tree);
    const original = await inspected(plugin, '--prefix', fixture.root, '--', ...flags);
    await captured(plugin, fixture.root, '--', ...flags);
    expect(await inspected('--replay', tar, '--captured-flags')).toBe(original);
    expect(await inspected(plugin, '--replay', tar, '--', ...flags)).toBe(original);
    await captured(plugin, fixture.root, '--redact', '--', ...flags);
    expect(await inspected('--replay', tar, '--captured-flags')).toBe(original.replaceAll('A50285BI', 'redacted1'));
  });

  it('is a directory for -prefix when tar(1) extracts it', async () => {
    const { plugin, flags, tree } = hostCases['FPGA regions'] ?? { plugin: '', flags: [], tree: {} };
    await using fixture = await hostFixture(tree);
    await captured(plugin, fixture.root);
    await mkdir(join(directory, 'extracted'));
    await run('tar', ['-xf', tar, '-C', join(directory, 'extracted')]);
    const extracted = await inspected(plugin, '--prefix', join(directory, 'extracted'), '--', ...flags);
    expect(extracted).toBe(await inspected(plugin, '--prefix', fixture.root, '--', ...flags));
  });

  it('has only what the plugin reads, and says of what', async () => {
    const { tree } = hostCases['GPUs, of which some are left out'] ?? { tree: {} };
    const secret = 'sys/devices/pci0000:00/0000:03:00.0/rom';
    await using fixture = await hostFixture({ ...tree, [secret]: 'never read', 'sys/class/net/eth0': 'never listed' });
    const told = await captured('gpu', fixture.root, '--', '-shared-dev-num=2');
    await using capture = await extractCapture(tar);
    const host = new Host(capture.root);
    expect(await host.readText('/sys/devices/pci0000:00/0000:03:00.0/vendor')).toBe('0x8086');
    expect(await host.exists(`/${secret}`)).toBe(false);
    expect(await host.exists('/sys/class/net')).toBe(false);
    expect(await host.deviceNode('/dev/dri/renderD128')).toEqual({ type: 'char', major: 226, minor: 128 });
    expect(capture.description).toMatchObject({
      formatVersion: 1,
      plugin: 'gpu-plugin',
      flags: ['-shared-dev-num=2'],
      redacted: false,
      absent: expect.arrayContaining(['/dev/dri/card4']) as string[],
      unreadable: [],
      outside: [],
    });
    expect(told).toMatch(/^\d+ entries, \d+ KiB; \d+ paths that were looked for are not there\nnothing is redacted: /);
    expect((await stat(tar)).mode & 0o777).toBe(0o600);
  });

  it('redacts the serial number of a device that is not there, and the name of the host whose files it looks at', async () => {
    const tree = { 'etc/hostname': 'node-a17.example.com\n', 'dev/node-a17-vg/root': node('b', 253, 0) };
    await using fixture = await hostFixture(tree);
    const groups = [
      '{ usb: [{ vendor: "0403", product: "6001", serial: A50285BI }] }',
      '{ paths: [{ path: /dev/serial/by-id/usb-FTDI_B9999ZZZ-if00 }] }',
      '{ paths: [{ path: "/dev/node-a17-vg/*" }] }',
    ];
    const flags = groups.map((group, index) => `-device={ name: x${index}, groups: [${group}] }`);
    await captured('simple', fixture.root, '--redact', '--', ...flags);
    const { stdout } = await run('tar', ['-xOf', tar, 'kdp-capture.json']);
    const { stdout: names } = await run('tar', ['-tf', tar]);
    expect(stdout + names).not.toMatch(/A50285BI|B9999ZZZ|node-a17/);
    expect(stdout).toMatch(/serial: redacted\d.*usb-FTDI_redacted\d-if00.*host1-vg/s);
    expect(names).toContain('dev/host1-vg/root');
  });

  it('says in one line that standard output is full', async () => {
    await using fixture = await hostFixture({});
    await using full = await open('/dev/full', 'w');
    const args = [main, 'inspect', 'gpu', '--prefix', fixture.root];
    const child = spawn(process.execPath, args, { stdio: ['ignore', full.fd, 'pipe'] });
    const closed = once(child, 'close');
    const errors = child.stderr === null ? '' : await text(child.stderr);
    expect(errors).toBe('cannot write to standard output: ENOSPC: no space left on device, write\n');
    expect(await closed).toEqual([1, null]);
  });

  it('redacts serial numbers, in names and flags too, and counts them', async () => {
    const { plugin, flags, tree } = hostCases['a serial port of USB'] ?? { plugin: '', flags: [], tree: {} };
    await using fixture = await hostFixture(tree);
    const usb = [
      '-device',
      JSON.stringify({ name: 'usb', groups: [{ usb: [{ vendor: '0403', product: '6001', serial: 'A50285BI' }] }] }),
    ];
    const told = await captured(plugin, fixture.root, '--redact', '--', ...flags, ...usb);
    expect(told).toContain('redacted, different values: serial number: 1\n');
    expect((await readFile(tar)).includes('A50285BI')).toBe(false);
    const output = await inspected('--replay', tar, '--captured-flags');
    expect(output).toContain('/dev/serial/by-id/usb-FTDI_FT232R_redacted1-if00-port0');
    expect(output).toContain('usb:0403:6001:1-2');
  });

  it('takes the flags of a capture, which may be from anybody, only when asked to', async () => {
    const { tree } = hostCases['GPUs, of which some are left out'] ?? { tree: {} };
    await using fixture = await hostFixture(tree);
    await captured('gpu', fixture.root, '--', '-shared-dev-num=2', `-log_file=${directory}/log`, '-logtostderr=false');
    const { output, errors } = await kdp(['inspect', '--replay', tar]);
    expect(output).not.toContain('card0-1');
    expect(errors).toContain('the capture was made with other flags, which --captured-flags takes: -shared-dev-num=2 ');
    expect((await kdp(['inspect', '--replay', tar, '--', '-shared-dev-num=3'])).output).toContain('card0-2');
    expect((await kdp(['inspect', 'qat', '--replay', tar, '--captured-flags'])).code).toBe(0);
    expect((await kdp(['inspect', '--replay', tar, '--captured-flags'])).output).toContain('card0-1');
  });

  it('captures what was read until the scan failed', async () => {
    await using fixture = await hostFixture({});
    expect(await captured('qat', fixture.root, '--', '-mode=kernel')).toMatch(/the scan failed, .*: cannot read /);
    expect(await inspected('--replay', tar, '--captured-flags')).toContain('"outcome": "failed"');
  });

  it('leaves out what is not in /sys or /dev, and says so', async () => {
    await using fixture = await hostFixture({ '/etc/asound.conf': 'text', '/dev/snd': { kind: 'dir' } });
    const sound =
      '{"name":"sound","groups":[{"paths":[{"path":"/dev/snd"},{"path":"/etc/asound.conf","type":"Mount"}]}]}';
    const told = await captured('simple', fixture.root, '--', '-device', sound);
    expect(told).toContain('not captured, for it is not in /sys or /dev: /etc/asound.conf\n');
  });

  it('refuses to print it to a terminal', async () => {
    const terminal = { columns: () => 80, rows: () => 24 };
    const { code, output, errors } = await kdp(['capture', 'gpu'], { terminal });
    expect([code, output, errors]).toEqual([
      2,
      '',
      'a capture is nothing for a terminal: say -o node.tar, or > node.tar\n',
    ]);
  });

  it.each([
    [['capture'], 2, /missing required argument/],
    [['capture', 'gpuu'], 2, /did you mean gpu\?/],
    [['capture', 'gpu', '--', '-no-such-flag'], 2, /-no-such-flag/],
    [['capture', 'gpu', '-o', '/no/such/directory/node.tar', '--prefix', tmpdir()], 1, /cannot write the capture to/],
  ])('ends %j with %i', async (args, expected, message) => {
    const { code, output, errors } = await kdp(args);
    expect([code, output]).toEqual([expected, '']);
    expect(errors).toMatch(message);
  });

  it('prints the archive of a process of its own, which a plugin takes with -replay', async () => {
    const { tree } = hostCases['GPUs, of which some are left out'] ?? { tree: {} };
    await using fixture = await hostFixture(tree);
    const options = { encoding: 'buffer', maxBuffer: 2 ** 24 } as const;
    const { stdout } = await run(process.execPath, [main, 'capture', 'gpu', '--prefix', fixture.root], options);
    await writeFile(tar, stdout);
    const world = new PluginWorld([process.execPath, join(import.meta.dirname, '../../gpu-plugin/src/main.ts')]);
    await world.begin();
    try {
      const plugin = world.launch(['-prefix=', '-replay', tar]);
      await world.kubelet.waitFor({ resource: 'gpu.intel.com/i915', devices: 2, state: 'connected' });
      const { devices } = await world.kubelet.describeDevice('gpu.intel.com/i915', 'card0-0');
      const extracted = devices[0]?.hostPath.replace(/\/dev\/.*/, '') ?? '';
      expect(await new Host(extracted).exists('/sys/class/drm')).toBe(true);
      expect(await plugin.stop()).toBe(0);
      expect(await new Host().exists(extracted)).toBe(false);
    } finally {
      await world.end();
    }
  });

  it('makes of what could not be read what cannot be read', async () => {
    await using fixture = await hostFixture({ '/sys/class/drm/card0/device/vendor': { kind: 'dir' } });
    await chmod(fixture.root, 0o755);
    await captured('gpu', fixture.root);
    await using capture = await extractCapture(tar);
    await expect(new Host(capture.root).readText('/sys/class/drm/card0/device/vendor')).rejects.toMatchObject({
      code: 'HOST_UNREADABLE',
    });
    expect(capture.description?.unreadable).toEqual([{ path: '/sys/class/drm/card0/device/vendor', errno: 'EISDIR' }]);
  });
});
