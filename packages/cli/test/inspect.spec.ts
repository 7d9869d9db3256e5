// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cryptoPf, drivers, groupNodes, pfTree, vfBdf } from '@kube-device-plugins/qat-plugin/fixtures';
import { hostFixture, PluginWorld } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { DeviceReport, PluginReport } from '../src/inspect/plugin-report.ts';
import { hostCases } from './hosts.ts';
import { kdp } from './recording-context.ts';

const main = join(import.meta.dirname, '../src/main.ts');

async function inspect(...args: string[]): Promise<readonly PluginReport[]> {
  const { output } = await kdp(['inspect', '-o', 'json', ...args]);
  return (JSON.parse(output) as { plugins: readonly PluginReport[] }).plugins;
}

/** A device as the kubelet gets to know it, by what it lists and what it answers to an Allocate. */
async function asListed({ kubelet, host }: PluginWorld, resource: string, id: string): Promise<Partial<DeviceReport>> {
  const listed = kubelet
    .resources()
    .get(resource)
    ?.devices.find((device) => device.id === id);
  const text = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll(host.root, '')) as unknown;
  const { health = 'Unhealthy', numaNodes = [] } = listed ?? {};
  if (health === 'Unhealthy') return { id, health, numaNodes };
  const { devices, mounts, envs, annotations, cdiDevices } = await kubelet.describeDevice(resource, id);
  const answered = { nodes: text(devices), mounts: text(mounts), envs, annotations };
  return { id, health, numaNodes, ...answered, cdiDevices: cdiDevices.map(({ name }) => name) } as DeviceReport;
}

/** What plugins settle only when devices are allocated. */
const onAllocate: Readonly<Record<string, Partial<DeviceReport>>> = { qat: { envs: {} }, fpga: { annotations: {} } };

describe('kdp inspect', () => {
  it.each(Object.entries(hostCases))('shows of %s what the kubelet gets', async (_, { plugin, flags, tree }) => {
    const world = new PluginWorld([process.execPath, join(import.meta.dirname, `../../${plugin}-plugin/src/main.ts`)]);
    await world.begin();
    try {
      await world.start(flags, tree);
      const [report] = await inspect(plugin, '--prefix', world.host.root, '--', ...flags);
      expect(report).toMatchObject({ plugin: `${plugin}-plugin`, outcome: 'scanned' });
      for (const { resource, devices } of report?.resources ?? []) {
        await world.kubelet.waitFor({ resource, devices: devices.length, state: 'connected' });
        for (const device of devices) {
          const listed = await asListed(world, resource, device.id);
          expect({ ...device, ...onAllocate[plugin] }).toEqual({ ...device, ...listed, ...onAllocate[plugin] });
        }
      }
      expect([...world.kubelet.resources().keys()].sort()).toEqual(report?.resources.map(({ resource }) => resource));
    } finally {
      await world.end();
    }
  });

  it('tells what was left out and why, and of an unhealthy device the reason', async () => {
    await using host = await hostFixture(hostCases['GPUs, of which some are left out']?.tree ?? {});
    const { code, output } = await kdp(['inspect', 'gpu-plugin', '--prefix', host.root]);
    expect(code).toBe(0);
    expect(output).toMatch(/^RESOURCE +ID +HEALTH/);
    expect(output).toMatch(/Looked at and left out.*:\nDEVICE +REMARK +REASON\n/);
    expect(output).toMatch(/\ncard3 +card is left out +its vendor is "0x10de", not Intel\n/);
  });

  it.each([
    ['--prefix=/proc/none', "--prefix must be a directory: ENOENT: no such file or directory, stat '/proc/none'"],
    ['--prefix=/proc/version', '--prefix must be a directory: /proc/version is none'],
    ['--captured-flags', '--captured-flags are those of a capture: name it with --replay'],
  ])('exits 2 for %s', async (option, message) => {
    expect(await kdp(['inspect', 'gpu', option])).toMatchObject({ code: 2, output: '', errors: `${message}\n` });
  });

  it('tells where it looked when there is nothing, and that this is no failure', async () => {
    await using host = await hostFixture({ '/sys/bus/pci/devices': { kind: 'dir' } });
    const { code, output } = await kdp(['inspect', '--prefix', host.root]);
    expect(code).toBe(0);
    for (const plugin of ['fpga', 'gpu', 'qat']) expect(output).toContain(`${plugin}-plugin found no devices`);
    for (const place of ['/sys/class/drm', '/sys/class/fpga_region', '/dev/vfio'])
      expect(output).toContain(`  ${place}: not there\n`);
    expect(output).toContain('simple-device--0');
  });

  it('fails with 1 when the scan does, and says why as the host names it', async () => {
    await using host = await hostFixture({});
    const { code, output } = await kdp(['inspect', 'qat', '--prefix', host.root, '-o', 'yaml', '--', '-mode=kernel']);
    const { plugins } = parse(output) as { plugins: PluginReport[] };
    expect(plugins).toMatchObject([{ plugin: 'qat-plugin', outcome: 'failed', resources: [] }]);
    expect(plugins[0]?.problem).toMatch(/^cannot read \/sys\//);
    expect(code).toBe(1);
  });

  it.each([
    [['inspect', 'gpuu'], /^there is no plugin "gpuu", only fpga, gpu, qat, simple; did you mean gpu\?\n/],
    [['inspect', 'gpu', '--replay', 'none.tar', '--prefix', '/'], /cannot be used with/],
    [['inspect', 'gpu', '-o', 'xml'], /Allowed choices are table, wide, json, yaml/],
    [['inspect', 'gpu', '--timeout', '5'], /the unit is missing/],
    [['inspect', 'gpu', '--timeout', '0s'], /above 0/],
  ])('ends with 2 for %j', async (args, message) => {
    const { code, errors } = await kdp(args);
    expect(code).toBe(2);
    expect(errors).toMatch(message);
  });

  it('ends with 2 when the plugin that was named refuses its flags', async () => {
    const { code, output } = await kdp(['inspect', 'gpu', '--', '-no-such-flag']);
    expect(code).toBe(2);
    expect(output).toMatch(/^gpu-plugin does not run with these flags: .*-no-such-flag/);
  });

  it('goes on to other plugins after one that refuses', async () => {
    await using host = await hostFixture({});
    const { code, output } = await kdp(['inspect', '--prefix', host.root, '--', '-shared-dev-num=2']);
    expect(code).toBe(0);
    expect(output).toContain('gpu-plugin found no devices');
    expect(output).toContain('qat-plugin does not run with these flags');
  });

  it('goes by a file of -config, with its flags and what is under maintenance', async () => {
    await using host = await hostFixture({
      ...hostCases['GPUs, of which some are left out']?.tree,
      'etc/gpu.yaml': 'shared-dev-num: 2\nmaintenance:\n  - device: card0*\n    reason: a fan is replaced\n',
      'etc/wrong.yaml': 'shared-dev-number: 2\n',
    });
    const file = (name: string): string[] => ['gpu', '--prefix', host.root, '--', '-config', host.path(`etc/${name}`)];
    const [report] = await inspect(...file('gpu.yaml'));
    const [resource] = report?.resources ?? [];
    expect(resource?.devices.map(({ id, reason }) => [id, reason])).toEqual([
      ['card0-0', 'maintenance: a fan is replaced'],
      ['card0-1', 'maintenance: a fan is replaced'],
      ['card2-0', undefined],
      ['card2-1', undefined],
    ]);
    expect(await inspect(...file('wrong.yaml'))).toMatchObject([
      { outcome: 'refused', problem: expect.stringContaining('shared-dev-number') as string },
    ]);
  });

  it('ends with 130 when it is interrupted, and with 1 for a capture that is none', async () => {
    expect((await kdp(['inspect', 'gpu'], { signal: AbortSignal.abort() })).code).toBe(130);
    const { code, errors } = await kdp(['inspect', '--replay', '/dev/null']);
    expect([code, errors]).toEqual([1, expect.stringMatching(/^cannot replay \/dev\/null/)]);
  });

  it('changes nothing on the host', async () => {
    const vf = { bdf: vfBdf('6b', 0), id: '4941', driver: '4xxxvf', group: '100', files: { driver_override: '' } };
    await using host = await hostFixture({
      ...drivers('vfio-pci', '4xxxvf'),
      ...groupNodes(100),
      ...pfTree({ ...cryptoPf('6b', 1), vfs: [vf] }),
    });
    const contents = async (): Promise<string> =>
      (await promisify(execFile)('find', [host.root, '-printf', '%p %s %T@\\n'])).stdout;
    const before = await contents();
    const [report] = await inspect('qat', '--prefix', host.root);
    expect(JSON.stringify(report)).toContain('the host is only looked at');
    expect(await contents()).toBe(before);
  });

  it('cuts a table to the width of the terminal, and no other output', async () => {
    await using host = await hostFixture(hostCases['GPUs, of which some are left out']?.tree ?? {});
    const terminal = { columns: () => 80, rows: () => 24 };
    const lines = async (output: string): Promise<string[]> =>
      (await kdp(['inspect', 'gpu', '--prefix', host.root, '-o', output], { terminal })).output.split('\n');
    const table = await lines('table');
    expect(Math.max(...table.filter((line) => !line.includes(':\n')).map((line) => line.length))).toBeLessThanOrEqual(
      80,
    );
    expect(table.join('\n')).toContain('…');
    expect((await lines('wide')).join('\n')).not.toContain('…');
  });

  it('runs as a process of its own, and ends by itself', async () => {
    await using host = await hostFixture(hostCases['GPUs, of which some are left out']?.tree ?? {});
    const run = promisify(execFile)(process.execPath, [main, 'inspect', '--prefix', host.root]);
    const { stdout, stderr } = await run;
    expect(stdout).toContain('gpu.intel.com/i915');
    expect(stderr).toBe('');
  });
});
