// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, type Host } from '@kube-device-plugins/core';
import { parseAdfCtlStatus, type AdfDevice } from './adf-ctl-status.ts';
import { runAdfCtlStatus, type AdfCtl } from './adf-ctl.ts';
import { parseSections, type SectionConfig } from './section-config.ts';
import { usableDevices } from './usable-devices.ts';

/** What kernel mode knows of a host at one moment. */
export interface KernelSnapshot {
  readonly devices: readonly KernelDevice[];
  /** What to tell once: `<type>_<id>` of a device → why it is left out, or what it lacks. */
  readonly problems: ReadonlyMap<string, string>;
}

/** A device that serves processes. */
export interface KernelDevice {
  /** `dev0`. */
  readonly id: string;
  /** `c6xxvf`. */
  readonly type: string;
  /** The sections of its configuration by their names. */
  readonly sections: ReadonlyMap<string, SectionConfig>;
  /** Names of its nodes in /dev: `uio4`. */
  readonly uioNodes: readonly string[];
}

/**
 * Asks the QAT 1.7 driver for its devices and reads their configurations.
 *
 * One device that cannot be read spoils all, because each device is given the nodes of every other one and pinned sections have to be on all.
 *
 * @throws DevicePluginError `HOST_UNREADABLE` or `CONFIG_INVALID`, naming the program, file, section and key.
 */
export async function readKernelDevices(host: Host, adfCtl: AdfCtl, signal: AbortSignal): Promise<KernelSnapshot> {
  const isIommuOn = await readIommu(host);
  const found = parseAdfCtlStatus(await runAdfCtlStatus(adfCtl, signal));
  const { usable, leftOut } = usableDevices(found, isIommuOn);
  const devices: KernelDevice[] = [];
  const problems = new Map(leftOut);
  for (const device of usable) {
    const { id, type } = device;
    const [sections, uioNodes] = [await readSections(host, device), await readUioNodes(host, device)];
    if (uioNodes.length === 0) problems.set(`${type}_${id}`, 'it has no uio node, so processes cannot reach it');
    devices.push({ id, type, sections, uioNodes });
  }
  return { devices, problems };
}

/** Kernel ABI: Documentation/ABI/testing/sysfs-class-iommu: one entry for each IOMMU that is on. */
async function readIommu(host: Host): Promise<boolean> {
  const directory = '/sys/class/iommu';
  if (!(await host.exists(directory))) throw missing(host, directory, 'mount /sys of the host');
  return (await host.list(directory)).length > 0;
}

async function readSections(host: Host, { id, type }: AdfDevice): Promise<ReadonlyMap<string, SectionConfig>> {
  const file = `/etc/${type}_${id}.conf`;
  const text = await host.readText(file);
  if (text === undefined) throw missing(host, file, 'mount /etc of the host, where the QAT driver is configured');
  return parseSections(file, text);
}

/** adf_ctl may leave out the domain, which the names of sysfs have. */
async function readUioNodes(host: Host, { id, type, address }: AdfDevice): Promise<string[]> {
  const directories = [address, `0000:${address}`].map((bdf) => `/sys/bus/pci/drivers/${type}/${bdf}/uio`);
  for (const directory of directories) {
    if (await host.exists(directory)) return await host.list(directory);
  }
  throw missing(host, directories[0] ?? '', `${type}_${id} has to be bound to its driver, with uio loaded`);
}

function missing(host: Host, path: string, remedy: string): DevicePluginError {
  return new DevicePluginError('HOST_UNREADABLE', `cannot read ${host.path(path)}: it is not there; ${remedy}`);
}
