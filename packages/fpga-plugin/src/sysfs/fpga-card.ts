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
  /** Also of FMEs that are left out. */
  readonly fmeNames: readonly string[];
  readonly fmes: readonly Fme[];
  /** Their FMEs may be in another card. */
  readonly ports: readonly CardPort[];
  /** Names of ports that are left out. */
  readonly missingPorts: readonly string[];
  readonly remarks: readonly Remark[];
}

/** A port by itself. */
export type CardPort = Omit<Port, 'fme' | 'fmeProblem'>;

/**
 * Reads one entry in the class of a driver; undefined when it has neither ports nor an FME, as those for single regions.
 * A port that cannot be read has a remark and hides no other.
 *
 * @throws DevicePluginError `HOST_UNREADABLE` when nobody can tell what it has.
 * Kernel ABI: Documentation/ABI/testing/sysfs-platform-dfl-fme, sysfs-platform-dfl-port (afu_id).
 */
export async function readFpgaCard(host: Host, layout: DriverLayout, link: string): Promise<FpgaCard | undefined> {
  const directory = await host.realPath(link);
  if (directory === undefined) throw new DevicePluginError('HOST_UNREADABLE', 'it is a link to nothing');
  if ((await host.linkName(link)) === undefined)
    throw new DevicePluginError('HOST_UNREADABLE', 'it is no link to a device, as entries of a class are');
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
      fmes.push(await readFme(host, layout, part(directory, name, pci)));
    });
  }
  const ports: CardPort[] = [];
  for (const name of portNames) {
    await tolerate(remarks, { message: 'FPGA port is left out', subject: name }, async () => {
      ports.push(await readPort(host, part(directory, name, pci), remarks));
    });
  }
  const missingPorts = portNames.filter((name) => !ports.some((port) => port.name === name));
  return { pci, fmeNames, fmes, ports, missingPorts, remarks };
}

/** A prefix and a number. */
function isPartWith(prefix: string): (name: string) => boolean {
  return (name) => name.startsWith(prefix) && /^\d{1,9}$/.test(name.slice(prefix.length));
}

type Part = Pick<Fme, 'name' | 'node' | 'directory' | 'pci'>;

function part(directory: string, name: string, pci: PciFunction): Part {
  return { name, node: `/dev/${name}`, directory: `${directory}/${name}`, pci };
}

/** One whose id cannot be told is there all the same: it may have had one before. */
async function readFme(host: Host, layout: DriverLayout, fme: Part): Promise<Fme> {
  await mustHaveNode(host, fme);
  try {
    const [interfaceId = '', ...others] = await layout.readInterfaceIds(host, fme.directory);
    if (others.length === 0) return { ...fme, interfaceId };
    return {
      ...fme,
      interfaceId: '',
      idProblem: `differs between its regions: ${[interfaceId, ...others].join(', ')}`,
    };
  } catch (error) {
    return { ...fme, interfaceId: '', idProblem: unknownId(error) };
  }
}

/** Whatever is not known of a port that has a node takes nothing from it but the resource that goes by it. */
async function readPort(host: Host, port: Part, remarks: Remark[]): Promise<CardPort> {
  await mustHaveNode(host, port);
  let topology: TopologyInfo | undefined;
  await tolerate(remarks, { message: 'the NUMA node of an FPGA port is not known', subject: port.name }, async () => {
    topology = await readTopology(host, [port.node]);
  });
  return { ...port, ...(await readAfuId(host, port)), ...(topology === undefined ? {} : { topology }) };
}

/** A port that is being programmed refuses with EBUSY (Linux, drivers/fpga/dfl-afu-main.c, afu_id_show). */
async function readAfuId(host: Host, { directory }: Part): Promise<Pick<Port, 'afuId' | 'idProblem'>> {
  try {
    return { afuId: canonicalId(await host.readText(`${directory}/afu_id`, maxIdBytes)) };
  } catch (error) {
    return { afuId: '', idProblem: unknownId(error) };
  }
}

function unknownId(error: unknown): string {
  if (!(error instanceof DevicePluginError)) throw error;
  return `is not known: ${messageOf(error)}`;
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
