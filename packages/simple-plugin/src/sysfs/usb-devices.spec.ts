// SPDX-License-Identifier: Apache-2.0
import { Host } from '@kube-device-plugins/core';
import { dir, hostFixture, link, node, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UsbRule } from '../options/usb-rule.ts';
import { readHostResources, type FoundDevice } from '../sysfs.ts';

const controller = '/sys/devices/pci0000:00/0000:00:14.0';
let fixture: HostFixture;

beforeEach(async () => {
  fixture = await hostFixture({});
  await plug('usb1', '1d6b:0002', 1, 1);
  await plug('usb1/1-1', '0424:2514', 1, 2);
  await fixture.add({ '/sys/bus/usb/devices/1-1.2:1.0': link('none') });
});

afterEach(async () => {
  await fixture.dispose();
});

/** What the kernel makes of a USB device. */
async function plug(path: string, id: string, bus: number, number: number, serial?: string): Promise<void> {
  const [vendor = '', product = ''] = id.split(':');
  const directory = `${controller}/${path}`;
  const name = path.split('/').at(-1) ?? '';
  const raw = `/dev/bus/usb/${String(bus).padStart(3, '0')}/${String(number).padStart(3, '0')}`;
  await fixture.add({
    [`${directory}/idVendor`]: `${vendor}\n`,
    [`${directory}/idProduct`]: `${product}\n`,
    [`${directory}/busnum`]: `${bus}\n`,
    [`${directory}/devnum`]: `${number}\n`,
    ...(serial === undefined ? {} : { [`${directory}/serial`]: `${serial}\n` }),
    [`/sys/bus/usb/devices/${name}`]: link(`../../../..${directory}`),
    [raw]: node('c', 189, (bus - 1) * 128 + number - 1),
  });
}

/** What a driver makes of it. */
async function drive(place: string, nodeClass: string, name: string, devName = name): Promise<void> {
  const directory = `${controller}/${place}/${nodeClass}/${name}`;
  await fixture.add({
    [`${directory}/uevent`]: `MAJOR=1\nDEVNAME=${devName}\n`,
    [`/sys/class/${nodeClass}/${name}`]: link(`../../..${directory}`),
    [`/dev/${devName}`]: node('c', 1, 3),
  });
}

async function find(rule: Partial<UsbRule> = {}): Promise<readonly FoundDevice[]> {
  const usb = [{ vendor: '1a86', product: '7523', serial: '', bus: undefined }];
  const whole: UsbRule = {
    kind: 'usb',
    usb,
    isOneDevice: false,
    nodes: ['usb'],
    permissions: 'rw',
    mountPath: '',
    count: 1,
    ...rule,
  };
  const { resources } = await readHostResources(new Host(fixture.root), [{ name: 'a.b/c', devices: [whole] }]);
  return resources[0]?.devices ?? [];
}

const pathsOf = ({ nodes }: FoundDevice): readonly string[] => nodes.map(({ hostPath }) => hostPath);

describe('readHostResources() of USB devices', () => {
  it('finds nothing where there is no USB', async () => {
    await fixture.remove('/sys');
    expect(await find()).toEqual([]);
  });

  it('finds each device with these ids by its port, which outlives its number', async () => {
    await plug('usb1/1-1/1-1.2', '1a86:7523', 1, 12);
    await plug('usb1/1-1/1-1.3', '1a86:7523', 1, 7);
    await plug('usb1/1-1/1-1.4', '1a86:7524', 1, 8);
    const devices = await find();
    expect(devices.map((device) => [device.name, pathsOf(device)])).toEqual([
      [['usb:1a86:7523:1-1.2'], ['/dev/bus/usb/001/012']],
      [['usb:1a86:7523:1-1.3'], ['/dev/bus/usb/001/007']],
    ]);
    await plug('usb1/1-1/1-1.2', '1a86:7523', 1, 13);
    expect((await find())[0]).toMatchObject({
      name: ['usb:1a86:7523:1-1.2'],
      nodes: [{ hostPath: '/dev/bus/usb/001/013', number: 'char 189:12' }],
    });
  });

  it('looks at serial number and bus where it is asked to', async () => {
    await plug('usb1/1-2', '1a86:7523', 1, 3, 'A1');
    await plug('usb2/2-1', '1a86:7523', 2, 3, 'A2');
    const match = { vendor: '1a86', product: '7523', serial: '', bus: undefined };
    const namesOf = async (...usb: UsbRule['usb']): Promise<unknown> =>
      (await find({ usb })).flatMap(({ name }) => name);
    expect(await namesOf({ ...match, serial: 'A2' })).toEqual(['usb:1a86:7523:2-1']);
    expect(await namesOf({ ...match, bus: 1 })).toEqual(['usb:1a86:7523:1-2']);
    expect(await namesOf({ ...match, serial: 'A1', bus: 2 })).toEqual([]);
    expect(await namesOf({ ...match, serial: 'A1' }, match)).toHaveLength(2);
  });

  it('puts all that match in one device when they are one', async () => {
    await plug('usb1/1-2', '1a86:7523', 1, 3);
    await plug('usb1/1-3', '1a86:7523', 1, 4);
    const [device, ...others] = await find({ isOneDevice: true, count: 2 });
    expect(others).toEqual([]);
    expect(device).toMatchObject({ name: ['usb:1a86:7523:1-2', 'usb:1a86:7523:1-3'], count: 2 });
    expect(device?.nodes).toHaveLength(2);
  });

  it('gives the nodes that drivers have made, and of a hub not those of what is plugged into it', async () => {
    await plug('usb1/1-1/1-1.2', '1a86:7523', 1, 12);
    await drive('usb1/1-1/1-1.2/1-1.2:1.0/ttyUSB0', 'tty', 'ttyUSB0');
    await drive('usb1/1-1/1-1.2/1-1.2:1.1/0003:0001', 'input', 'event3', 'input/event3');
    await fixture.add({
      '/sys/class/tty/tty0': link('../../devices/virtual/tty/tty0'),
      '/sys/devices/virtual/tty/tty0': dir(),
    });
    const [device] = await find({ nodes: ['tty', 'input'], mountPath: '/dev/zigbee', permissions: 'r' });
    expect(device?.problem).toBeUndefined();
    expect(device?.nodes).toMatchObject([
      { containerPath: '/dev/zigbee', hostPath: '/dev/ttyUSB0', permissions: 'r' },
      { containerPath: '/dev/input/event3', hostPath: '/dev/input/event3' },
    ]);
    const hub = { vendor: '0424', product: '2514', serial: '', bus: undefined };
    expect(await find({ usb: [hub], nodes: ['usb', 'tty'] })).toMatchObject([{ problem: 'has no tty node' }]);
  });

  it('says why a device cannot be had', async () => {
    await plug('usb1/1-2', '1a86:7523', 1, 3);
    await fixture.remove('/dev/bus/usb/001/003');
    expect(await find()).toMatchObject([{ problem: 'has a node /dev/bus/usb/001/003 that does not exist', nodes: [] }]);
  });

  it('watches where nodes come and go', async () => {
    const watchedBy = async (nodes: UsbRule['nodes']): Promise<readonly string[]> => {
      const rule: UsbRule = {
        kind: 'usb',
        usb: [],
        isOneDevice: false,
        nodes,
        permissions: 'rw',
        mountPath: '',
        count: 1,
      };
      return (await readHostResources(new Host(fixture.root), [{ name: 'a.b/c', devices: [rule] }])).watched;
    };
    expect(await watchedBy(['usb'])).toEqual(['/dev/bus/usb', '/dev/bus/usb/001']);
    expect(await watchedBy(['tty', 'sound'])).toEqual(['/dev', '/dev/bus/usb', '/dev/bus/usb/001', '/dev/snd']);
  });
});
