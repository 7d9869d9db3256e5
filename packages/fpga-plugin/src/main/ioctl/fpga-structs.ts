// SPDX-License-Identifier: Apache-2.0
import type { StructLayout } from './struct-layout.ts';

/** What every struct but one begins with. */
const head = [
  ['argsz', 'u32'],
  ['flags', 'u32'],
] as const;

/** What both drivers take to program a port; the buffer is the payload of a bitstream. */
const portPr = [...head, ['portId', 'u32'], ['bufferSize', 'u32'], ['bufferAddress', 'u64']] as const;

const eventFd = [...head, ['eventFd', 'i32']] as const;

/**
 * Every struct that the ioctls of the two drivers take; `dfl` and `intel` where they differ.
 * Sources: Linux, include/uapi/linux/fpga-dfl.h; OPAE, intel-fpga.h of its driver out of the kernel's tree.
 */
export const fpgaStructs = {
  dflPortInfo: [...head, ['regions', 'u32'], ['umsgs', 'u32']],
  intelPortInfo: [...head, ['capability', 'u32'], ['regions', 'u32'], ['umsgs', 'u32'], ['uafuIrqs', 'u32']],
  regionInfo: [...head, ['index', 'u32'], ['padding', 'u32'], ['size', 'u64'], ['offset', 'u64']],
  dmaMap: [...head, ['userAddress', 'u64'], ['length', 'u64'], ['iova', 'u64']],
  dmaUnmap: [...head, ['iova', 'u64']],
  dflPortPr: portPr,
  intelPortPr: [...portPr, ['status', 'u64']],
  /** No size in front: the number alone. */
  dflPortId: [['id', 'u32']],
  intelPortId: [...head, ['id', 'u32']],
  umsgConfig: [...head, ['bitmap', 'u32']],
  umsgBase: [...head, ['iova', 'u64']],
  portErrIrq: eventFd,
  fmeErrIrq: eventFd,
  uafuIrq: [...head, ['start', 'u32'], ['count', 'u32']],
  fmeInfo: [...head, ['capability', 'u32']],
} as const satisfies Readonly<Record<string, StructLayout>>;
