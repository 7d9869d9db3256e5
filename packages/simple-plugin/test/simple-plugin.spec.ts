// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FakeKubelet } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPlugin, type PluginProcess } from './plugin-process.ts';

let directory = '';
let kubelet: FakeKubelet;
let plugins: PluginProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kdp-'));
  kubelet = new FakeKubelet({ dir: join(directory, 'plugins') });
  await kubelet.start();
});

afterEach(async () => {
  await Promise.all(plugins.map((plugin) => plugin.stop()));
  plugins = [];
  await kubelet.stop();
  await rm(directory, { recursive: true });
});

/** No period that a test could wait for: what is seen is seen by its event. */
function start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): PluginProcess {
  const where = ['-device-plugin-path', join(directory, 'plugins'), '-cdi-dir', join(directory, 'cdi')];
  const how = ['-prefix', join(directory, 'host'), '-scan-period', '1h', '-metrics-bind-address', '0'];
  const plugin = startPlugin([...where, ...how, ...args], env);
  plugins.push(plugin);
  return plugin;
}

async function startWith(config: string): Promise<PluginProcess> {
  const file = join(directory, 'config.yaml');
  await writeFile(file, config);
  return start(['-config', file]);
}

const onHost = (path: string): string => join(directory, 'host', path);

/** Comes into being in one step, as a device node does. */
async function plug(path: string, number = '1:3'): Promise<void> {
  await mkdir(dirname(onHost(path)), { recursive: true });
  await writeFile(join(directory, 'node'), `c ${number}`);
  await rename(join(directory, 'node'), onHost(path));
}

const sockets = async (): Promise<string[]> =>
  (await readdir(join(directory, 'plugins'))).filter((name) => name !== 'kubelet.sock');

describe('the simulator', () => {
  it('publishes two devices of example.com/simple-device when it is told nothing', async () => {
    start([], { NODE_NAME: 'node1' });
    await kubelet.waitFor({
      resource: 'example.com/simple-device',
      devices: { 'simple-device-node1-0': 'Healthy', 'simple-device-node1-1': 'Healthy' },
    });
    const pod = await kubelet.admit({
      pod: 'p',
      containers: [{ name: 'c', limits: { 'example.com/simple-device': 1 } }],
    });
    expect(pod.containers.c).toMatchObject({ envs: {}, devices: [], mounts: [], annotations: {} });
  });

  it('gives containers what its prefixes ask for', async () => {
    start([], {
      NUMBER_DEVICES: '1',
      NODE_NAME: 'n',
      ENV_PREFIX: 'DEV',
      ANNOTATION_PREFIX: 'note',
      DEVICE_FILE_PREFIX: 'file',
    });
    await kubelet.waitFor({ resource: 'example.com/simple-device', allocatable: 1 });
    const pod = await kubelet.admit({
      pod: 'p',
      containers: [{ name: 'c', limits: { 'example.com/simple-device': 1 } }],
    });
    expect(pod.containers.c).toMatchObject({
      envs: { 'DEV_simple-device-n-0': '/dev/0' },
      annotations: { 'note-simple-device-n-0': '' },
      devices: [{ containerPath: '/dev/file-0', hostPath: '/dev/file-0', permissions: 'rw' }],
    });
  });

  it('answers NOT_FOUND for a device that it does not have', async () => {
    start();
    await kubelet.waitFor({ resource: 'example.com/simple-device', allocatable: 2 });
    await expect(kubelet.describeDevice('example.com/simple-device', 'other')).rejects.toThrow(/NotFound.*"other"/);
  });
});

describe('host devices', () => {
  it('gives a container the node behind an alias, at the path of the alias', async () => {
    await plug('/dev/ttyUSB0', '188:0');
    await mkdir(onHost('/dev/serial/by-id'), { recursive: true });
    await symlink('../../ttyUSB0', onHost('/dev/serial/by-id/usb-x'));
    await startWith(
      `resources: [{ name: example.com/serial, devices: [{ path: /dev/serial/by-id/*, permissions: r }] }]`,
    );
    await kubelet.waitFor({ resource: 'example.com/serial', devices: ['serial-by-id-usb-x'] });
    const pod = await kubelet.admit({ pod: 'p', containers: [{ name: 'c', limits: { 'example.com/serial': 1 } }] });
    expect(pod.containers.c.devices).toEqual([
      { containerPath: '/dev/serial/by-id/usb-x', hostPath: '/dev/ttyUSB0', permissions: 'r' },
    ]);
  });

  it('serves several resources, of any namespace, beside simulated ones', async () => {
    await plug('/dev/fuse', '10:229');
    await startWith(`
      resources:
        - { name: example.com/fuse, devices: [{ path: /dev/fuse }] }
        - { name: other.example.org/loop, devices: [{ path: '/dev/loop[0-7]' }] }
      simulated:
        - { resourceName: example.com/red, numberDevicesOnNode: 1, deviceIDPrefix: red }
    `);
    await kubelet.waitFor({ resource: 'example.com/fuse', devices: { fuse: 'Healthy' } });
    await kubelet.waitFor({ resource: 'other.example.org/loop', devices: 0 });
    await kubelet.waitFor({ resource: 'example.com/red', devices: ['red--0'] });
  });

  it('follows nodes that come and go', async () => {
    await mkdir(onHost('/dev'), { recursive: true });
    const resource = 'example.com/x';
    await startWith(
      `resources: [{ name: ${resource}, devices: [{ path: /dev/kvm }, { path: '/dev/loop*' }, { path: /dev/net/tun }] }]`,
    );
    await kubelet.waitFor({ resource, devices: { kvm: 'Unhealthy', 'net-tun': 'Unhealthy' } });
    await plug('/dev/loop3', '7:3');
    await kubelet.waitFor({ resource, devices: { kvm: 'Unhealthy', 'net-tun': 'Unhealthy', loop3: 'Healthy' } });
    await plug('/dev/net/tun', '10:200');
    await kubelet.waitFor({ resource, devices: { kvm: 'Unhealthy', 'net-tun': 'Healthy', loop3: 'Healthy' } });
    await rm(onHost('/dev/loop3'));
    await plug('/dev/kvm', '10:232');
    await kubelet.waitFor({ resource, devices: { kvm: 'Healthy', 'net-tun': 'Healthy' } });
    await rm(onHost('/dev/net/tun'));
    await kubelet.waitFor({ resource, devices: { kvm: 'Healthy', 'net-tun': 'Unhealthy' } });
    await expect(kubelet.describeDevice(resource, 'net-tun')).rejects.toThrow(/FailedPrecondition.*"net-tun"/);
  });

  it('says why a device cannot be had, once', async () => {
    const plugin = await startWith(
      `resources: [{ name: a.b/x, devices: [{ path: /dev/kvm }, { path: '/dev/loop*' }] }]`,
    );
    await kubelet.waitFor({ resource: 'a.b/x', devices: { kvm: 'Unhealthy' } });
    await plug('/dev/loop0', '7:0');
    await kubelet.waitFor({ resource: 'a.b/x', devices: { kvm: 'Unhealthy', loop0: 'Healthy' } });
    expect(plugin.stderr.match(/"device is unhealthy".*path="\/dev\/kvm".*reason="does not exist"/g)).toHaveLength(1);
  });
});

describe('the process', () => {
  it('names file, line, key and reason of a wrong configuration, exits 1 and registers nothing', async () => {
    const plugin = await startWith('resources:\n  - name: fuse\n    devices: [{ path: /etc/fuse }]\n');
    expect(await plugin.exited).toBe(1);
    expect(plugin.stderr).toContain('config.yaml:2: resources[0].name: "fuse" is not of the form domain/name');
    expect(plugin.stderr).toContain('config.yaml:3: resources[0].devices[0].path: "/etc/fuse" lies outside /dev');
    expect(kubelet.calls).toEqual([]);
    expect(await sockets()).toEqual([]);
  });

  it('exits 1 for a configuration that is not there', async () => {
    const plugin = start(['-config', join(directory, 'missing.yaml')]);
    expect(await plugin.exited).toBe(1);
    expect(plugin.stderr).toContain('missing.yaml: cannot be read: ENOENT');
  });

  it('exits 2 for a flag that it does not have', async () => {
    const plugin = start(['-colour', 'red']);
    expect(await plugin.exited).toBe(2);
    expect(kubelet.calls).toEqual([]);
  });

  it('exits 0 on SIGTERM and leaves no socket', async () => {
    const plugin = start();
    await kubelet.waitFor({ resource: 'example.com/simple-device', allocatable: 2 });
    expect(await sockets()).toHaveLength(1);
    expect(await plugin.stop()).toBe(0);
    expect(await sockets()).toEqual([]);
  });

  it('is back after a restart of the kubelet', async () => {
    start();
    await kubelet.waitFor({ resource: 'example.com/simple-device', allocatable: 2 });
    await kubelet.restart('graceful');
    await kubelet.waitFor({ resource: 'example.com/simple-device', allocatable: 2, registrations: 2 });
  });
});
