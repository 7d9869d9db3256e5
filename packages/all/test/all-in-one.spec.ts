// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginWorld, type RunningPlugin } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeHost, resources } from './node-host.ts';

const world = new PluginWorld([process.execPath, join(import.meta.dirname, '../src/main.ts')], '200ms');
beforeEach(() => world.begin());
afterEach(() => world.end());

/** The program on a node with everything, with these flags files. */
async function launch(
  files: Readonly<Record<string, string>>,
  flags: readonly string[] = ['-plugins=gpu,qat,fpga'],
): Promise<RunningPlugin> {
  await world.host.add(nodeHost());
  const directory = join(world.directory, 'flags');
  await mkdir(directory);
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, `${name}.flags`), text);
  return world.launch(['-flags-dir', directory, ...flags]);
}

async function connected(resource: string, devices: number): Promise<void> {
  await world.kubelet.waitFor({ resource, devices, state: 'connected' });
}

const usual = {
  gpu: '# A card for two containers.\n-shared-dev-num=2\n',
  qat: '-max-num-devices 3\n-bind-vfs=false\n',
  fpga: '-mode=region\n',
};

describe('all in one', () => {
  it('registers the resources of each plugin by its own flags, and gives pods their devices', async () => {
    const all = await launch(usual);
    await connected(resources.gpu, 4);
    await connected(resources.qat, 3);
    await connected(resources.fpga, 1);
    const { root } = world.host;
    const pathsOf = async (resource: string, id: string): Promise<string[]> =>
      (await world.kubelet.describeDevice(resource, id)).devices.map(({ hostPath }) => hostPath);
    expect(await pathsOf(resources.gpu, 'card1-1')).toEqual(
      ['card1', 'renderD129'].map((name) => join(root, 'dev/dri', name)),
    );
    expect((await pathsOf(resources.qat, '0000:6b:00.1')).join()).toContain('/dev/vfio/100');
    expect((await pathsOf(resources.fpga, 'dfl-fme.0')).join()).toContain('/dev/dfl-port.0');
    expect(await all.stop()).toBe(0);
    expect((await readdir(join(world.directory, 'plugins'))).filter((name) => name.includes('intel.com'))).toEqual([]);
  });

  it('comes back with each resource after each restart of the kubelet', async () => {
    await launch(usual);
    const expectAll = async (): Promise<void> => {
      await connected(resources.gpu, 4);
      await connected(resources.qat, 3);
      await connected(resources.fpga, 1);
    };
    await expectAll();
    for (const kind of ['graceful', 'crash', 'wipe-dir'] as const) {
      await world.kubelet.restart(kind);
      await expectAll();
    }
  });

  it.each([
    [
      'gpu',
      '-shared-dev-num=2\n-allocation-policy=best',
      ':2: argument error: invalid value for preferredAllocationPolicy, the valid values',
    ],
    ['gpu', '-allow-ids=0x56c0\n\n-deny-ids=0x56c1', ':3: '],
    ['gpu', '-shared-dev-num=zwei', ':1: invalid value \\"zwei\\" for flag -shared-dev-num'],
    ['qat', '# uio\n-dpdk-driver=uio', ':2: wrong DPDK device driver: uio'],
    ['fpga', '-kubeconfig=/etc/x', ':1: -kubeconfig is not supported'],
  ] as const)('goes on without %s when its flags are %j', async (plugin, text, message) => {
    const all = await launch({ ...usual, [plugin]: text });
    const others = (['gpu', 'qat', 'fpga'] as const).filter((name) => name !== plugin);
    for (const name of others) await world.kubelet.waitFor({ resource: resources[name], state: 'connected' });
    const file = join(world.directory, `flags/${plugin}.flags`);
    await expect
      .poll(() => all.stderr)
      .toContain(`"the plugin is given up, the others go on" plugin="${plugin}-plugin" error="${file}${message}`);
    expect(world.kubelet.registrations(resources[plugin])).toBe(0);
    expect(await all.stop()).toBe(0);
  });

  it('looks for devices of one plugin when something comes to its directory, and of all of them on SIGUSR1', async () => {
    const all = await launch(usual, ['-plugins=gpu,qat,fpga', '-scan-period=1h']);
    await connected(resources.gpu, 4);
    await connected(resources.qat, 3);
    await world.host.remove('dev/dri/renderD129');
    await world.host.remove('dev/dri/card1');
    await connected(resources.gpu, 2);
    await world.host.write('/sys/kernel/debug/qat_4xxx_0000:6b:00.0/heartbeat/status', '-1\n');
    all.signal('SIGUSR1');
    await world.kubelet.waitFor({ resource: resources.qat, capacity: 3, allocatable: 0 });
  });

  it('takes the old -debug of QAT for a mistake worth a warning', async () => {
    const all = await launch({ ...usual, qat: '-debug' });
    await world.kubelet.waitFor({ resource: resources.qat, state: 'connected' });
    expect(all.stderr).toMatch(/"-debug is an old name for -v=4" plugin="qat-plugin"/);
  });

  it('publishes what the environment says of the simple plugin, beside the others', async () => {
    await launch({}, ['-plugins=simple,fpga']);
    await connected('example.com/simple-device', 2);
    await world.kubelet.waitFor({
      resource: resources.fpga.replace(/\/.*/, '/af-ce4.d84.zkiWk5jwXzOUbVYHCL4QithCTcSko8QT-J5DNoP5BAs'),
      devices: 1,
    });
  });
});

describe('all in one with configuration files', () => {
  async function publish(files: Readonly<Record<string, string>>): Promise<string> {
    const directory = join(world.directory, 'flags');
    await mkdir(directory, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      // In one step: a file that is written in place may be read half.
      await writeFile(join(world.directory, 'written'), text);
      await rename(join(world.directory, 'written'), join(directory, name));
    }
    return directory;
  }

  it('reads them in the place of flags, and again when they change', async () => {
    await world.host.add(nodeHost());
    const directory = await publish({
      'gpu.yaml': 'shared-dev-num: 2\n',
      'fpga.flags': '-mode=region\n',
      'all.yaml': 'plugins: gpu,fpga\nv: 1\n',
    });
    const all = world.launch(['-flags-dir', directory, '-config', join(directory, 'all.yaml')]);
    await connected(resources.gpu, 4);
    await connected(resources.fpga, 1);
    await publish({
      'gpu.yaml': 'shared-dev-num: 1\nmaintenance: [{ device: card1, reason: RMA 1 }]\n',
      'all.yaml': 'plugins: gpu,fpga,qat\nv: 2\nscan-period: 2s\n',
    });
    await world.kubelet.waitFor({ resource: resources.gpu, capacity: 2, allocatable: 1 });
    await expect.poll(() => all.stderr).toMatch(/restart the plugin" flags=\["-plugins"\]/);
    expect(world.kubelet.registrations(resources.gpu)).toBe(1);
    await expect
      .poll(() => all.stderr)
      .toMatch(/"device is unhealthy" plugin="gpu-plugin" .* reason="maintenance: RMA 1"/);
    await publish({ 'gpu.yaml': 'v: 2\n' });
    await expect
      .poll(() => all.stderr)
      .toMatch(/gpu\.yaml:1:1: v: is a flag of all plugins: it is on the command line, or in the file/);
    expect(await all.stop()).toBe(0);
  });

  it('goes on without a plugin that has both, and starts one again whose file is wrong', async () => {
    await world.host.add(nodeHost());
    const directory = await publish({
      'gpu.yaml': '',
      'gpu.flags': '',
      'fpga.yaml': 'mod: region\n',
      'qat.flags': '-bind-vfs=false\n',
    });
    const all = world.launch(['-flags-dir', directory, '-plugins=gpu,qat,fpga']);
    await world.kubelet.waitFor({ resource: resources.qat, state: 'connected' });
    await expect
      .poll(() => all.stderr)
      .toMatch(/"the plugin is given up, the others go on" plugin="gpu-plugin" error=".*keep one of them/);
    await expect.poll(() => all.stderr).toMatch(/fpga\.yaml:1:1: mod: is not a key .* did you mean mode\?/);
    await publish({ 'fpga.yaml': 'mode: region\n' });
    await connected(resources.fpga, 1);
  });

  it('does not start with a file of its own that is wrong', async () => {
    const directory = await publish({ 'all.yaml': 'plugins: gpu,fpgo\nmaintenance: []\n' });
    const all = world.launch(['-config', join(directory, 'all.yaml')]);
    expect(await all.exited).toBe(1);
    expect(all.stderr).toMatch(/all\.yaml:1:10: plugins: .*did you mean fpga\?/);
    expect(all.stderr).toMatch(/all\.yaml:2:1: maintenance: is about devices of one plugin/);
  });
});
