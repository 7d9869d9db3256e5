// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, isErrno, type Host, type Remark } from '@kube-device-plugins/core';
import { driverLayouts, type DriverLayout } from './driver-layout.ts';
import { tolerate } from './fpga-card.ts';

/** The driver that counts, the first one that is there; and a remark on FPGAs that another one has. */
export async function findDriver(host: Host, remarks: Remark[]): Promise<DriverLayout | undefined> {
  const [driver, ...others] = await presentDrivers(host);
  if (driver === undefined) return undefined;
  for (const other of others) {
    const remark = { message: 'FPGAs of another driver are left out', subject: other.classDirectory };
    await tolerate(remarks, remark, async () => {
      const count = (await host.list(other.classDirectory)).filter((name) => other.devicePattern.test(name)).length;
      if (count > 0)
        remarks.push({
          ...remark,
          reason: `${driver.classDirectory} is there, and counts: unload the driver that makes it to have these`,
        });
    });
  }
  return driver;
}

/** There is no driver at all. */
export const noDriver: Remark = {
  message: 'there is no driver for FPGAs',
  subject: driverLayouts.map(({ classDirectory }) => classDirectory).join(', '),
  reason: `neither ${driverLayouts.map(({ classDirectory }) => classDirectory).join(' nor ')} is there: load dfl-pci, or the driver of OPAE`,
};

/**
 * The names of FPGAs in the class of a driver, and a remark on every other name.
 *
 * @throws DevicePluginError `HOST_UNREADABLE` when the class cannot be read.
 */
export async function entriesOfClass(host: Host, layout: DriverLayout, remarks: Remark[]): Promise<readonly string[]> {
  const { classDirectory, devicePattern } = layout;
  const names = await host.list(classDirectory);
  if (names.length === 0) await requireDirectory(host, classDirectory);
  const isEntry = (name: string): boolean => devicePattern.test(name);
  for (const subject of names.filter((name) => !isEntry(name)))
    remarks.push({ message: 'FPGA is left out', subject, reason: `no FPGA in ${classDirectory} has such a name` });
  return names.filter(isEntry);
}

async function presentDrivers(host: Host): Promise<readonly DriverLayout[]> {
  const present: DriverLayout[] = [];
  for (const layout of driverLayouts) {
    // What cannot be looked at behind the one that counts does not keep that one from being read.
    const isThere = await host.exists(layout.classDirectory).catch((error: unknown) => {
      if (present.length === 0) throw error;
      return true;
    });
    if (isThere) present.push(layout);
  }
  return present;
}

/** A file lists nothing either, and only a directory cannot be read as one. */
async function requireDirectory(host: Host, path: string): Promise<void> {
  const isText = await host.readText(path).then(
    (text) => text !== undefined,
    (error: unknown) => !(error instanceof Error && isErrno(error.cause, 'EISDIR')),
  );
  if (isText) throw new DevicePluginError('HOST_UNREADABLE', `${path} is no directory`);
}
