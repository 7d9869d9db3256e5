// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useWorld } from './world.ts';

const world = useWorld();

describe('the simulator', () => {
  it('publishes two devices of example.com/simple-device when it is told nothing', async () => {
    world.launch([], { NODE_NAME: 'node1' });
    await world.kubelet.waitFor({
      resource: 'example.com/simple-device',
      devices: { 'simple-device-node1-0': 'Healthy', 'simple-device-node1-1': 'Healthy' },
    });
    const pod = await world.kubelet.admit({
      pod: 'p',
      containers: [{ name: 'c', limits: { 'example.com/simple-device': 1 } }],
    });
    expect(pod.containers.c).toMatchObject({ envs: {}, devices: [], mounts: [], annotations: {} });
  });

  it('gives containers what its prefixes ask for', async () => {
    world.launch([], {
      NUMBER_DEVICES: '1',
      NODE_NAME: 'n',
      ENV_PREFIX: 'DEV',
      ANNOTATION_PREFIX: 'note',
      DEVICE_FILE_PREFIX: 'file',
    });
    await world.kubelet.waitFor({ resource: 'example.com/simple-device', allocatable: 1 });
    const pod = await world.kubelet.admit({
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
    world.launch();
    await world.kubelet.waitFor({ resource: 'example.com/simple-device', allocatable: 2 });
    await expect(world.kubelet.describeDevice('example.com/simple-device', 'other')).rejects.toThrow(
      /NotFound.*"other"/,
    );
  });
});

describe('host devices', () => {
  it('gives a container the node behind an alias, at the path of the alias', async () => {
    await world.plug('/dev/ttyUSB0', '188:0');
    await mkdir(world.onHost('/dev/serial/by-id'), { recursive: true });
    await symlink('../../ttyUSB0', world.onHost('/dev/serial/by-id/usb-x'));
    await world.startWith(
      `resources: [{ name: example.com/serial, devices: [{ path: /dev/serial/by-id/*, permissions: r }] }]`,
    );
    await world.kubelet.waitFor({ resource: 'example.com/serial', devices: ['serial/by-id/usb-x'] });
    const pod = await world.kubelet.admit({
      pod: 'p',
      containers: [{ name: 'c', limits: { 'example.com/serial': 1 } }],
    });
    expect(pod.containers.c.devices).toEqual([
      { containerPath: '/dev/serial/by-id/usb-x', hostPath: '/dev/ttyUSB0', permissions: 'r' },
    ]);
  });

  it('serves several resources, of any namespace, beside simulated ones', async () => {
    await world.plug('/dev/fuse', '10:229');
    await world.startWith(`
      resources:
        - { name: example.com/fuse, devices: [{ path: /dev/fuse }] }
        - { name: other.example.org/loop, devices: [{ path: '/dev/loop[0-7]' }] }
      simulated:
        - { resourceName: example.com/red, numberDevicesOnNode: 1, deviceIDPrefix: red }
    `);
    await world.kubelet.waitFor({ resource: 'example.com/fuse', devices: { fuse: 'Healthy' } });
    await world.kubelet.waitFor({ resource: 'other.example.org/loop', devices: 0 });
    await world.kubelet.waitFor({ resource: 'example.com/red', devices: ['red--0'] });
  });

  it('follows nodes that come and go', async () => {
    await mkdir(world.onHost('/dev'), { recursive: true });
    const resource = 'example.com/x';
    await world.startWith(
      `resources: [{ name: ${resource}, devices: [{ path: /dev/kvm }, { path: '/dev/loop*' }, { path: /dev/net/tun }] }]`,
    );
    await world.kubelet.waitFor({ resource, devices: { kvm: 'Unhealthy', 'net/tun': 'Unhealthy' } });
    await world.plug('/dev/loop3', '7:3');
    await world.kubelet.waitFor({ resource, devices: { kvm: 'Unhealthy', 'net/tun': 'Unhealthy', loop3: 'Healthy' } });
    await world.plug('/dev/net/tun', '10:200');
    await world.kubelet.waitFor({ resource, devices: { kvm: 'Unhealthy', 'net/tun': 'Healthy', loop3: 'Healthy' } });
    await rm(world.onHost('/dev/loop3'));
    await world.plug('/dev/kvm', '10:232');
    await world.kubelet.waitFor({ resource, devices: { kvm: 'Healthy', 'net/tun': 'Healthy' } });
    await rm(world.onHost('/dev/net/tun'));
    await world.kubelet.waitFor({ resource, devices: { kvm: 'Healthy', 'net/tun': 'Unhealthy' } });
    await expect(world.kubelet.describeDevice(resource, 'net/tun')).rejects.toThrow(
      /FailedPrecondition.*"net\/tun".*\/dev\/net\/tun does not exist/,
    );
  });

  it('says why a device cannot be had, once', async () => {
    const plugin = await world.startWith(
      `resources: [{ name: a.b/x, devices: [{ path: /dev/kvm }, { path: '/dev/loop*' }] }]`,
    );
    await world.kubelet.waitFor({ resource: 'a.b/x', devices: { kvm: 'Unhealthy' } });
    await world.plug('/dev/loop0', '7:0');
    await world.kubelet.waitFor({ resource: 'a.b/x', devices: { kvm: 'Unhealthy', loop0: 'Healthy' } });
    expect(plugin.stderr.match(/\/dev\/kvm does not exist/g)).toHaveLength(1);
  });
});

describe('the process', () => {
  it('names file, line, key and reason of a wrong configuration, exits 1 and registers nothing', async () => {
    const plugin = await world.startWith('resources:\n  - name: fuse\n    devices: [{ path: /etc/fuse }]\n');
    expect(await plugin.exited).toBe(1);
    expect(plugin.stderr).toContain('config.yaml:2:11: resources[0].name: "fuse" is not of the form domain/name');
    expect(plugin.stderr).toContain('config.yaml:3:23: resources[0].devices[0].path: "/etc/fuse" lies outside /dev');
    expect(world.kubelet.calls).toEqual([]);
    expect(await world.sockets()).toEqual([]);
  });

  it('exits 1 for a configuration that is not there', async () => {
    const plugin = world.launch(['-config', join(world.directory, 'missing.yaml')]);
    expect(await plugin.exited).toBe(1);
    expect(plugin.stderr).toContain('missing.yaml: cannot be read: ENOENT');
  });

  it('exits 2 for a flag that it does not have', async () => {
    const plugin = world.launch(['-colour', 'red']);
    expect(await plugin.exited).toBe(2);
    expect(world.kubelet.calls).toEqual([]);
  });

  it('exits 0 on SIGTERM and leaves no socket', async () => {
    const plugin = world.launch();
    await world.kubelet.waitFor({ resource: 'example.com/simple-device', allocatable: 2 });
    expect(await world.sockets()).toHaveLength(1);
    expect(await plugin.stop()).toBe(0);
    expect(await world.sockets()).toEqual([]);
  });

  it('is back after a restart of the kubelet', async () => {
    world.launch();
    await world.kubelet.waitFor({ resource: 'example.com/simple-device', allocatable: 2 });
    await world.kubelet.restart('graceful');
    await world.kubelet.waitFor({ resource: 'example.com/simple-device', allocatable: 2, registrations: 2 });
  });
});
