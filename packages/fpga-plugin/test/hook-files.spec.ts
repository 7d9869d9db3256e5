// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host, Manager, requestRescan } from '@kube-device-plugins/core';
import { FakeKubelet, hostFixture } from '@kube-device-plugins/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FpgaPlugin } from '../src/plugin.ts';
import { ApiServer, nodeEvent } from './api-server.ts';
import { ce48, d842, fpgaHost } from './fixtures/fpga-host.ts';

const nlb0 = 'fpga.intel.com/af-ce4.d84.zkiWk5jwXzOUbVYHCL4QithCTcSko8QT-J5DNoP5BAs';
const region = `fpga.intel.com/region-${ce48}`;
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('SKIPPED: files of the hook are not tried: there is no openssl in PATH: install it');

describe.runIf(hasOpenssl)('files of the hook', () => {
  it('stay for pods that have regions, whatever the mode is now, and are for no others', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kdp-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const [devicePluginPath, cdiDir] = [join(directory, 'kubelet'), join(directory, 'cdi')];
    await mkdir(devicePluginPath);
    await using api = await ApiServer.start(directory);
    await using fixture = await hostFixture(
      fpgaHost({ driver: 'dfl', number: 0, bdf: '0000:3b:00.0', fmes: { 0: ce48 }, ports: { 0: d842 } }),
    );
    await using kubelet = new FakeKubelet({ dir: devicePluginPath });
    await kubelet.start();
    const files = (): Promise<string[]> => readdir(cdiDir).catch(() => []);
    api.greeting = nodeEvent('ADDED', 'af');
    const options = { mode: 'af', node: api.address(), scanPeriodMs: 3_600_000 } as const;
    const plugin = new FpgaPlugin(new Host(fixture.root), options);
    const stop = new AbortController();
    const running = new Manager('fpga.intel.com', plugin, { devicePluginPath, cdiDir }).run(stop.signal);
    await kubelet.waitFor({ resource: nlb0, devices: ['dfl-port.0'] });
    expect(await files()).toEqual([]);
    for (const [mode, resource, id, cdiDevices] of [
      ['region', region, 'dfl-fme.0', [{ name: 'intel.cdi.k8s.io/fpga=dfl-fme.0' }]],
      ['af', nlb0, 'dfl-port.0', []],
      ['regiondevel', region, 'dfl-fme.0', []],
    ] as const) {
      api.send(nodeEvent('MODIFIED', mode));
      await kubelet.waitFor({ resource, devices: [id] });
      await expect.poll(() => kubelet.describeDevice(resource, id)).toMatchObject({ cdiDevices });
      await expect.poll(files).toEqual(['intel.cdi.k8s.io-fpga-dfl-fme.0.yaml']);
    }
    await fixture.remove('/sys/class/fpga_region');
    requestRescan();
    await expect.poll(files).toEqual([]);
    stop.abort();
    await running;
  });
});
