// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { getSystemErrorName } from 'node:util';
import type { Ioctl, IoctlArgument } from './ioctl.ts';

/**
 * The real ioctl(2), through libc. The native half of koffi is loaded by the first call: what only looks never needs it.
 *
 * A call holds up this process, for seconds while a region is programmed; its programs do nothing beside it.
 */
export function koffiIoctl(): Ioctl {
  let loaded: Promise<NativeIoctl> | undefined;
  return {
    async call(node, request, argument) {
      const native = await (loaded ??= loadNative());
      const file = await open(node, constants.O_RDWR);
      try {
        return callOnce(native, file.fd, request, argument, node);
      } finally {
        await file.close();
      }
    },
  };
}

interface NativeIoctl {
  readonly ioctl: (fd: number, request: number, argument: Buffer | null) => number;
  readonly errno: () => number;
  readonly address: (bytes: Buffer) => bigint;
}

async function loadNative(): Promise<NativeIoctl> {
  const { default: koffi } = await import('koffi');
  // A variadic function in C; on Linux, the third argument goes where a fixed one goes (ABIs of x86-64 and AArch64).
  const ioctl = koffi.load(null).func('int ioctl(int fd, unsigned long request, void *argument)');
  return { ioctl: ioctl as NativeIoctl['ioctl'], errno: () => koffi.errno(), address: (bytes) => koffi.address(bytes) };
}

function callOnce(native: NativeIoctl, fd: number, request: number, argument: IoctlArgument | undefined, node: string) {
  const { bytes = null, pointer } = argument ?? {};
  // Memory of Buffers is never moved, and both are reachable from here until the call is over.
  if (pointer !== undefined) bytes?.writeBigUInt64LE(native.address(pointer.target), pointer.offset);
  const result = native.ioctl(fd, request, bytes);
  if (result >= 0) return result;
  const errno = native.errno();
  const code = getSystemErrorName(-errno);
  throw Object.assign(new Error(`${code}: ioctl 0x${request.toString(16)} on ${node}`), { code, errno: -errno });
}
