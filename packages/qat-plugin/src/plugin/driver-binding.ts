// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, log, messageOf } from '@kube-device-plugins/core';
import type { HostWriter } from './host-writer.ts';

/**
 * Binds a virtual function (VF) to `driver`, taking it from the one it has.
 *
 * Where `driver_override` cannot be written, as in a container that has only /sys/bus/pci writable, the driver has to know the VF's id already.
 *
 * @param currentDriver - undefined for a VF that no driver has.
 * @throws DevicePluginError `HOST_UNWRITABLE`, naming VF, driver, file and cause. A VF that was unbound by then stays so, for the next try.
 * Kernel ABI: Documentation/ABI/testing/sysfs-bus-pci (driver_override, unbind, bind).
 */
export async function bindVf(
  writer: HostWriter,
  bdf: string,
  driver: string,
  currentDriver: string | undefined,
): Promise<void> {
  try {
    const overrideProblem = await overrideDriver(writer, bdf, driver);
    if (currentDriver !== undefined) await writer.write(`${drivers}/${currentDriver}/unbind`, bdf);
    await bind(writer, bdf, driver, overrideProblem);
  } catch (cause) {
    throw new DevicePluginError('HOST_UNWRITABLE', `cannot bind ${bdf} to ${driver}`, { cause });
  }
  log.info('virtual function is bound to another driver', { bdf, driver, before: currentDriver });
}

const drivers = '/sys/bus/pci/drivers';

/** Has no other driver than this one take the VF; returns what went wrong. */
async function overrideDriver(writer: HostWriter, bdf: string, driver: string): Promise<string | undefined> {
  try {
    await writer.write(`/sys/bus/pci/devices/${bdf}/driver_override`, driver);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function bind(
  writer: HostWriter,
  bdf: string,
  driver: string,
  overrideProblem: string | undefined,
): Promise<void> {
  try {
    await writer.write(`${drivers}/${driver}/bind`, bdf);
  } catch (cause) {
    if (overrideProblem === undefined) throw cause;
    throw new DevicePluginError('HOST_UNWRITABLE', `${messageOf(cause)}; before that: ${overrideProblem}`, { cause });
  }
}
