// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, type Host } from '@kube-device-plugins/core';
import { isAllOnes } from '../../device-tree/fpga-ids.ts';
import { canonicalId, maxIdBytes } from '../../sysfs/driver-layout.ts';
import type { Fme, FpgaSnapshot, Port } from '../../sysfs/fpga-snapshot.ts';
import type { Bitstream } from '../bitstreams/bitstream.ts';
import { fpgaCalls } from '../ioctl/fpga-calls.ts';
import type { FpgaAccess } from './fpga-access.ts';

/** A bitstream, and a port that can have it. */
export interface PortProgram {
  readonly port: Port;
  readonly fme: Fme;
  readonly portId: number;
  readonly bitstream: Bitstream;
}

/**
 * Checks whether a port can have a bitstream; the device itself is not touched.
 *
 * @throws DevicePluginError `PROGRAMMING_REFUSED` when the bitstream is for another region, or the port has none or does not answer.
 */
export async function checkProgram(
  host: Host,
  snapshot: FpgaSnapshot,
  port: Port,
  bitstream: Bitstream,
): Promise<PortProgram> {
  const fme = fmeOf(snapshot, port);
  const silent = isAllOnes(port.afuId) ? port : isAllOnes(fme.interfaceId) ? fme : undefined;
  if (silent !== undefined) {
    const message = `${silent.name} does not answer, its id in sysfs is all ones: dmesg may say why`;
    throw new DevicePluginError('PROGRAMMING_REFUSED', message);
  }
  if (fme.interfaceId !== bitstream.interfaceId) {
    const message = `${bitstream.path} is for region ${bitstream.interfaceId}, and ${port.name} is in region ${fme.interfaceId || 'unknown'}`;
    throw new DevicePluginError('PROGRAMMING_REFUSED', message);
  }
  return { port, fme, portId: await readPortId(host, port), bitstream };
}

/** The engine that programs a port. */
function fmeOf({ fmes }: FpgaSnapshot, port: Port): Fme {
  const fme = fmes.find(({ name }) => name === port.fme);
  if (fme !== undefined) return fme;
  const message = `${port.name} has no management engine on this host: it can be programmed where its physical function is`;
  throw new DevicePluginError('PROGRAMMING_REFUSED', message);
}

/** The number by which its engine knows a port. Kernel ABI: Documentation/ABI/testing/sysfs-platform-dfl-port (id). */
export async function readPortId(host: Host, { name, directory }: Port): Promise<number> {
  const text = (await host.readText(`${directory}/id`, 64)) ?? '';
  if (!/^\d{1,9}$/.test(text))
    throw new DevicePluginError('HOST_UNREADABLE', `${directory}/id of ${name} is no number: ${JSON.stringify(text)}`);
  return Number(text);
}

/**
 * Programs a port, and reads back which function it has.
 *
 * @throws DevicePluginError `DEVICE_CALL` when the driver refuses, or the port has another function afterwards.
 */
export async function runProgram(
  { host, ioctl }: FpgaAccess,
  driver: NonNullable<FpgaSnapshot['driver']>,
  { port, fme, portId, bitstream }: PortProgram,
): Promise<void> {
  await fpgaCalls(ioctl, driver).programPort(host.path(fme.node), portId, await bitstream.payload());
  const afuId = await readAfuId(host, port);
  if (afuId === bitstream.afuId) return;
  const message = `${port.name} was programmed with ${bitstream.path}, and has function ${afuId || 'none'} instead of ${bitstream.afuId}`;
  throw new DevicePluginError('DEVICE_CALL', message);
}

/** The function that a port has now; empty where none is known. */
async function readAfuId(host: Host, { directory }: Port): Promise<string> {
  return canonicalId(await host.readText(`${directory}/afu_id`, maxIdBytes));
}
