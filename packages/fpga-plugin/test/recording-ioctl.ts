// SPDX-License-Identifier: Apache-2.0
import type { Ioctl, IoctlArgument } from '../src/main/ioctl/ioctl.ts';

/** One call as it arrived: what the argument was before the driver answered. */
export interface RecordedCall {
  readonly node: string;
  readonly request: number;
  readonly hex?: string;
  readonly pointer?: { readonly offset: number; readonly target: Buffer };
}

/** What a driver does with the bytes of an argument; what it returns is the call's result. */
export type DriverAnswer = (bytes: Buffer, call: RecordedCall) => number | Promise<number>;

/** Stands for the kernel: remembers every call, and answers 0 unless it is told what to do for a request. */
export class RecordingIoctl implements Ioctl {
  readonly calls: RecordedCall[] = [];
  readonly answers: Record<number, DriverAnswer>;

  constructor(answers: Record<number, DriverAnswer> = {}) {
    this.answers = answers;
  }

  async call(node: string, request: number, argument?: IoctlArgument): Promise<number> {
    const { bytes, pointer } = argument ?? {};
    const hex = bytes?.toString('hex');
    const call = { node, request, ...(hex !== undefined && { hex }), ...(pointer !== undefined && { pointer }) };
    this.calls.push(call);
    return (await this.answers[request]?.(bytes ?? Buffer.alloc(0), call)) ?? 0;
  }
}
