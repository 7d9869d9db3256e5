// SPDX-License-Identifier: Apache-2.0
import {
  DevicePluginError,
  type Host,
  messageOf,
  readTopology,
  type Remark,
  type TopologyInfo,
} from '@kube-device-plugins/core';
import { canonicalId, maxIdBytes, type DriverLayout } from './driver-layout.ts';
import type { Fme, PciFunction, Port } from './fpga-snapshot.ts';
import { remarksOnBoard, readPciFunction } from './pci-function.ts';

/** What belongs to one entry in the class of a driver: a whole FPGA, or what a virtual function has of one. */
export interface FpgaCard {
  readonly pci: PciFunction;
  readonly fmes: readonly Fme[];
  /** Their FMEs may be in another card. */
  readonly ports: readonly Omit<Port, 'fme'>[];
  readonly remarks: readonly Remark[];
}

/**
 * Reads one entry in the class of a driver; undefined when it has neither ports nor an FME, as those for single regions.
 * A port that cannot be read has a remark and hides no other.
 *
 * @throws DevicePluginError `HOST_UNREADABLE` when nobody can tell what it has.
 * Kernel ABI: Documentation/ABI/testing/sysfs-platform-dfl-fme, sysfs-platform-dfl-port (afu_id).
 */
export async function readFpgaCard(host: Host, layout: DriverLayout, link: string): Promise<FpgaCard | undefined> {
  const directory = await host.realPath(link);
  if (directory === undefined) return undefined;
  const names = await host.list(directory);
  const fmeNames = names.filter(isPartWith(layout.fmePrefix));
  const portNames = names.filter(isPartWith(layout.portPrefix));
  if (fmeNames.length + portNames.length === 0) return undefined;
  const pci = await readPciFunction(host, directory);
  const remarks: Remark[] = [];
  await tolerate(remarks, { message: 'the PCI id of an FPGA is not known', subject: pci.bdf }, async () => {
    remarks.push(...(await remarksOnBoard(host, pci)));
  });
  const fmes: Fme[] = [];
  for (const name of fmeNames) {
    await tolerate(remarks, { message: 'FPGA management engine is left out', subject: name }, async () => {
      fmes.push(await readFme(host, layout, part(directory, name, pci), remarks));
    });
  }
  const ports: Omit<Port, 'fme'>[] = [];
  for (const name of portNames) {
    await tolerate(remarks, { message: 'FPGA port is left out', subject: name }, async () => {
      ports.push(await readPort(host, part(directory, name, pci), remarks));
    });
  }
  return { pci, fmes, ports, remarks };
}

/** A prefix and a number. */
function isPartWith(prefix: string): (name: string) => boolean {
  return (name) => name.startsWith(prefix) && /^\d{1,9}$/.test(name.slice(prefix.length));
}

type Part = Pick<Fme, 'name' | 'node' | 'directory' | 'pci'>;

function part(directory: string, name: string, pci: PciFunction): Part {
  return { name, node: `/dev/${name}`, directory: `${directory}/${name}`, pci };
}

async function readFme(host: Host, layout: DriverLayout, fme: Part, remarks: Remark[]): Promise<Fme> {
  await mustHaveNode(host, fme);
  const ids = await layout.readInterfaceIds(host, fme.directory);
  if (ids.length <= 1) return { ...fme, interfaceId: ids[0] ?? '' };
  const reason = `its regions have different ones: ${ids.join(', ')}`;
  remarks.push({ message: 'the interface id of an FPGA is not known', subject: fme.name, reason });
  return { ...fme, interfaceId: '' };
}

/** Whatever is not known of a port that has a node takes nothing from it but the resource that goes by it. */
async function readPort(host: Host, port: Part, remarks: Remark[]): Promise<Omit<Port, 'fme'>> {
  await mustHaveNode(host, port);
  let afuId = '';
  let topology: TopologyInfo | undefined;
  await tolerate(remarks, { message: 'the function of an FPGA port is not known', subject: port.name }, async () => {
    afuId = canonicalId(await host.readText(`${port.directory}/afu_id`, maxIdBytes));
  });
  await tolerate(remarks, { message: 'the NUMA node of an FPGA port is not known', subject: port.name }, async () => {
    topology = await readTopology(host, [port.node]);
  });
  return { ...port, afuId, ...(topology === undefined ? {} : { topology }) };
}

async function mustHaveNode(host: Host, { name, node }: Part): Promise<void> {
  if ((await host.deviceNode(node)) === undefined)
    throw new DevicePluginError('HOST_UNREADABLE', `${name} has no device node ${node}`);
}

/** Goes on without what cannot be read, and remarks why. */
export async function tolerate(
  remarks: Remark[],
  remark: Omit<Remark, 'reason'>,
  read: () => Promise<void>,
): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof DevicePluginError)) throw error;
    remarks.push({ ...remark, reason: messageOf(error) });
  }
}
