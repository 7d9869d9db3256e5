// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, isErrno, messageOf } from '@kube-device-plugins/core';
import type { FpgaDriver } from '../../sysfs/fpga-snapshot.ts';
import { fpgaRequests } from './fpga-requests.ts';
import { fpgaStructs } from './fpga-structs.ts';
import type { Ioctl, IoctlArgument } from './ioctl.ts';
import { decodeStruct, encodeStruct, fieldOffset } from './struct-layout.ts';

/** A memory region of a port. */
export interface PortRegion {
  readonly index: number;
  readonly bytes: bigint;
  /** `r`, `w` and `m` for what it allows: reading, writing, mmap(2). */
  readonly access: string;
}

/** What these programs ask of a driver. All of them reject with `DEVICE_CALL`, the node and the kernel's error. */
export interface FpgaCalls {
  apiVersion(node: string): Promise<number>;
  portRegions(node: string): Promise<readonly PortRegion[]>;
  /** Loads the payload of a bitstream into a port. `node` is that of its FME. */
  programPort(node: string, portId: number, payload: Buffer): Promise<void>;
  /** Takes a port from its physical function, so that a virtual function can have it. `node` is that of its FME. */
  releasePort(node: string, portId: number): Promise<void>;
  /** Gives a port back to its physical function. */
  assignPort(node: string, portId: number): Promise<void>;
}

type Request = keyof (typeof fpgaRequests)[FpgaDriver];

/** The calls of a driver, over any way of calling ioctl(2). */
export function fpgaCalls(ioctl: Ioctl, driver: FpgaDriver): FpgaCalls {
  const call = (node: string, request: Request, argument?: IoctlArgument): Promise<number> =>
    callDriver(ioctl, driver, node, request, argument);
  const portIdArgument = (id: number): IoctlArgument => ({
    bytes: encodeStruct(driver === 'dfl' ? fpgaStructs.dflPortId : fpgaStructs.intelPortId, { id }),
  });
  return {
    apiVersion: (node) => call(node, 'getApiVersion'),
    portRegions: (node) => portRegions(driver, (request, argument) => call(node, request, argument)),
    programPort: async (node, portId, payload) => {
      await call(node, 'programPort', programArgument(driver, portId, payload));
    },
    releasePort: async (node, portId) => {
      await call(node, 'releasePort', portIdArgument(portId));
    },
    assignPort: async (node, portId) => {
      await call(node, 'assignPort', portIdArgument(portId));
    },
  };
}

async function callDriver(
  ioctl: Ioctl,
  driver: FpgaDriver,
  node: string,
  request: Request,
  argument: IoctlArgument | undefined,
): Promise<number> {
  try {
    return await ioctl.call(node, fpgaRequests[driver][request], argument);
  } catch (cause) {
    const refused = request === 'programPort' && isErrno(cause, 'EIO');
    const remedy = refused ? ': the hardware refused the bitstream, dmesg says more' : '';
    throw new DevicePluginError('DEVICE_CALL', `${request} of ${node} failed, ${messageOf(cause)}${remedy}`, { cause });
  }
}

async function portRegions(
  driver: FpgaDriver,
  call: (request: Request, argument: IoctlArgument) => Promise<number>,
): Promise<readonly PortRegion[]> {
  const layout = driver === 'dfl' ? fpgaStructs.dflPortInfo : fpgaStructs.intelPortInfo;
  const info = { bytes: encodeStruct(layout) };
  await call('getPortInfo', info);
  const count = Math.min(Number(decodeStruct(layout, info.bytes).regions), maxRegions);
  const regions: PortRegion[] = [];
  for (let index = 0; index < count; index += 1) {
    const region = { bytes: encodeStruct(fpgaStructs.regionInfo, { index }) };
    await call('getRegionInfo', region);
    const { size, flags } = decodeStruct(fpgaStructs.regionInfo, region.bytes);
    regions.push({ index, bytes: size, access: accessOf(flags) });
  }
  return regions;
}

/** The drivers have two: of the function and of its signal tap. */
const maxRegions = 64;

/** Source of the bits: Linux, include/uapi/linux/fpga-dfl.h, DFL_PORT_REGION_*. */
function accessOf(flags: bigint): string {
  return [1n, 2n, 4n].map((bit, index) => ((flags & bit) === 0n ? '-' : 'rwm'.charAt(index))).join('');
}

function programArgument(driver: FpgaDriver, portId: number, payload: Buffer): IoctlArgument {
  const layout = driver === 'dfl' ? fpgaStructs.dflPortPr : fpgaStructs.intelPortPr;
  return {
    bytes: encodeStruct(layout, { portId, bufferSize: payload.length }),
    pointer: { offset: fieldOffset(fpgaStructs.dflPortPr, 'bufferAddress'), target: payload },
  };
}
