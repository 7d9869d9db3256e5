// SPDX-License-Identifier: Apache-2.0
import type { Host } from '@kube-device-plugins/core';
import type { NodeClass, UsbMatch, UsbRule } from '../options/usb-rule.ts';
import { lookUpNode, type FoundNode, type UnplacedDevice } from './found-node.ts';

/** A device on the USB. */
export interface UsbBusDevice extends UsbMatch {
  /** Where it is plugged in: `1-1.2` is port 2 of the hub in port 1 of bus 1. It is the same after the device was unplugged and plugged in again. */
  readonly port: string;
  /** Its raw node, whose number is another one each time it is plugged in. */
  readonly node: string;
  /** Its directory in /sys/devices. */
  readonly directory: string;
}

/**
 * All devices on the USB, in the order of their ports.
 * Kernel ABI: Documentation/ABI/stable/sysfs-bus-usb (idVendor, idProduct, busnum, devnum), testing/sysfs-bus-usb (serial is in
 * drivers/usb/core/sysfs.c); names of devices and interfaces: drivers/usb/core/usb.c, `<bus>-<port>[.<port>…]` and `…:<interface>`.
 */
export async function readUsbBus(host: Host): Promise<readonly UsbBusDevice[]> {
  const devices: UsbBusDevice[] = [];
  for (const port of await host.list(busDirectory)) {
    const device = port.includes(':') ? undefined : await readUsbDevice(host, port);
    if (device !== undefined) devices.push(device);
  }
  return devices;
}

/** The devices of a rule among those on the bus. */
export async function readUsbDevices(
  host: Host,
  rule: UsbRule,
  bus: readonly UsbBusDevice[],
): Promise<readonly UnplacedDevice[]> {
  const matching = bus.filter((device) => rule.usb.some((match) => isMatch(device, match)));
  const sets = rule.isOneDevice ? [matching] : matching.map((device) => [device]);
  const devices: UnplacedDevice[] = [];
  for (const set of sets) {
    if (set.length > 0) devices.push(await toDevice(host, rule, set));
  }
  return devices;
}

/** The directories in which a node of a rule may come or go. */
export async function watchedByUsb(host: Host, { nodes }: UsbRule): Promise<readonly string[]> {
  const buses = (await host.list(rawDirectory)).map((bus) => `${rawDirectory}/${bus}`);
  return [rawDirectory, ...buses, ...nodes.flatMap((name) => (name === 'usb' ? [] : [nodeDirectories[name]]))];
}

const busDirectory = '/sys/bus/usb/devices';
const rawDirectory = '/dev/bus/usb';

/** Source: the devnode functions of the classes in the kernel (drivers/input/input.c, sound/sound_core.c); all others have none. */
const nodeDirectories: Readonly<Record<Exclude<NodeClass, 'usb'>, string>> = {
  tty: '/dev',
  hidraw: '/dev',
  input: '/dev/input',
  video4linux: '/dev',
  sound: '/dev/snd',
};

async function readUsbDevice(host: Host, port: string): Promise<UsbBusDevice | undefined> {
  const directory = await host.realPath(`${busDirectory}/${port}`);
  if (directory === undefined) return undefined;
  const read = (name: string): Promise<string | undefined> => host.readText(`${directory}/${name}`);
  const [vendor, product, serial] = [await read('idVendor'), await read('idProduct'), await read('serial')];
  const [bus, number] = [Number(await read('busnum')), Number(await read('devnum'))];
  if (vendor === undefined || product === undefined || !(bus > 0) || !(number > 0)) return undefined;
  const node = `${rawDirectory}/${threeDigits(bus)}/${threeDigits(number)}`;
  return { port, vendor, product, serial: serial ?? '', bus, node, directory };
}

function threeDigits(number: number): string {
  return String(number).padStart(3, '0');
}

function isMatch(device: UsbBusDevice, { vendor, product, serial, bus }: UsbMatch): boolean {
  return (
    device.vendor === vendor &&
    device.product === product &&
    (serial === '' || device.serial === serial) &&
    (bus === undefined || device.bus === bus)
  );
}

async function toDevice(host: Host, rule: UsbRule, set: readonly UsbBusDevice[]): Promise<UnplacedDevice> {
  const nodes: FoundNode[] = [];
  const problems: string[] = [];
  for (const device of set) {
    for (const nodeClass of rule.nodes) {
      const paths = nodeClass === 'usb' ? [device.node] : await readNodesBelow(host, device, nodeClass);
      if (paths.length === 0) problems.push(`has no ${nodeClass} node`);
      for (const path of paths) {
        const node = await lookUpNode(host, path);
        if ('problem' in node) problems.push(`has a node ${path} that ${node.problem}`);
        else nodes.push({ containerPath: path, permissions: rule.permissions, ...node });
      }
    }
  }
  const [first, ...others] = nodes;
  const placed =
    first === undefined ? [] : [{ ...first, containerPath: rule.mountPath || first.containerPath }, ...others];
  return {
    name: set.map(({ vendor, product, port }) => `usb:${vendor}:${product}:${port}`),
    nodes: placed,
    mounts: [],
    count: rule.count,
    ...(problems.length === 0 ? {} : { problem: problems.join(', ') }),
  };
}

/** The nodes that drivers have made of a device, by their names in /dev; of a hub not those of what is plugged into it. */
async function readNodesBelow(
  host: Host,
  { directory }: UsbBusDevice,
  nodeClass: NodeClass,
): Promise<readonly string[]> {
  const nodes: string[] = [];
  for (const name of await host.list(`/sys/class/${nodeClass}`)) {
    const path = await host.realPath(`/sys/class/${nodeClass}/${name}`);
    if (path?.startsWith(`${directory}/`) !== true || usbPort.test(path.slice(directory.length))) continue;
    const [, devName] = /^DEVNAME=(.+)$/m.exec((await host.readText(`${path}/uevent`)) ?? '') ?? [];
    if (devName !== undefined) nodes.push(`/dev/${devName}`);
  }
  return nodes;
}

/** A directory of another device on the USB in a path. */
const usbPort = /\/\d+-[\d.]+\//;
