// SPDX-License-Identifier: Apache-2.0

/** The one way to the drivers of FPGAs. */
export interface Ioctl {
  /**
   * Opens a device node for reading and writing, calls ioctl(2) once and closes it. What the driver writes into the argument is in its bytes afterwards.
   *
   * @returns what ioctl(2) returned, which is 0 or more.
   * @throws Error with the kernel's error code, as Node.js throws for a system call.
   */
  call(node: string, request: number, argument?: IoctlArgument): Promise<number>;
}

/** What an ioctl points to. */
export interface IoctlArgument {
  readonly bytes: Buffer;
  /** The address of `target` is written at `offset` (8 bytes) before the call. */
  readonly pointer?: { readonly offset: number; readonly target: Buffer };
}
