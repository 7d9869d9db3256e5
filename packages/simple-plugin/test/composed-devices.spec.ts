// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useWorld } from './world.ts';

const world = useWorld();

describe('devices of several paths, shares and USB', () => {
  it('gives a container all of a device once, however many shares of it the container has', async () => {
    await world.plug('/dev/snd/controlC0', '116:1');
    await world.plug('/dev/snd/pcmC0D0c', '116:2');
    const resource = 'a.b/mic';
    await world.startWith(`
      resources:
        - name: ${resource}
          devices:
            - paths: [{ path: /dev/snd/controlC0 }, { path: /dev/snd/pcm* }, { path: /dev/snd/seq, optional: true }]
              count: 3
    `);
    await world.kubelet.waitFor({ resource, devices: 3 });
    const pod = await world.kubelet.admit({ pod: 'p', containers: [{ name: 'c', limits: { [resource]: 2 } }] });
    expect(pod.containers.c.devices).toEqual([
      { containerPath: '/dev/snd/controlC0', hostPath: '/dev/snd/controlC0', permissions: 'rw' },
      { containerPath: '/dev/snd/pcmC0D0c', hostPath: '/dev/snd/pcmC0D0c', permissions: 'rw' },
    ]);
  });

  it('sees at once what comes and goes below a wildcard world.directory, and below one that comes later', async () => {
    await world.plug('/dev/bus/usb/001/001', '189:0');
    await world.startWith(`resources: [{ name: a.b/usb, devices: [{ path: /dev/bus/usb/*/* }] }]`);
    await world.kubelet.waitFor({ resource: 'a.b/usb', devices: ['bus/usb/001/001'] });
    await world.plug('/dev/bus/usb/001/002', '189:1');
    await world.kubelet.waitFor({ resource: 'a.b/usb', devices: ['bus/usb/001/001', 'bus/usb/001/002'] });
    await world.plug('/dev/bus/usb/002/001', '189:128');
    await world.kubelet.waitFor({ resource: 'a.b/usb', devices: 3 });
    await world.plug('/dev/bus/usb/002/002', '189:129');
    await world.kubelet.waitFor({ resource: 'a.b/usb', devices: 4 });
    await rm(world.onHost('/dev/bus/usb/002'), { recursive: true });
    await world.kubelet.waitFor({ resource: 'a.b/usb', devices: ['bus/usb/001/001', 'bus/usb/001/002'] });
  });

  it('finds a USB device when it is plugged in', async () => {
    await mkdir(world.onHost('/dev/bus/usb/001'), { recursive: true });
    const resource = 'squat.ai/ch340';
    world.launch(['-device', '{name: ch340, groups: [{usb: [{vendor: "1a86", product: "7523"}], count: 2}]}']);
    await world.kubelet.waitFor({ resource, devices: 0 });
    const sysfs = world.onHost('/sys/bus/usb/devices/1-1.2');
    await mkdir(sysfs, { recursive: true });
    for (const [name, text] of Object.entries({ idVendor: '1a86', idProduct: '7523', busnum: '1', devnum: '5' })) {
      await writeFile(join(sysfs, name), `${text}\n`);
    }
    await world.plug('/dev/bus/usb/001/005', '189:4');
    await world.kubelet.waitFor({ resource, devices: ['usb:1a86:7523:1-1.2::0', 'usb:1a86:7523:1-1.2::1'] });
  });

  it('reads resources from -device, under the domain of -domain', async () => {
    await world.plug('/dev/fuse', '10:229');
    const text = 'name: fuse\ngroups:\n  - count: 10\n    paths:\n      - path: /dev/fuse\n';
    world.launch([
      '-domain=a.b',
      '--device',
      text,
      '--device',
      '{name: absent, groups: [{paths: [{path: /dev/absent}]}]}',
    ]);
    await world.kubelet.waitFor({ resource: 'a.b/fuse', devices: 10 });
    await world.kubelet.waitFor({ resource: 'a.b/absent', devices: 0 });
  });
});
