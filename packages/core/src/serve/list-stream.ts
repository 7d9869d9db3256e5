// SPDX-License-Identifier: Apache-2.0
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Empty } from '../kubelet-api/deviceplugin.ts';
import { settled } from './abortable.ts';
import type { DeviceList } from './device-list.ts';

/** A ListAndWatch call whose messages are encoded already. */
export type ListCall = ServerWritableStream<Empty, Buffer>;

/**
 * Feeds one ListAndWatch stream: the current list at once, then the newest list after each publication that differs
 * from what this reader has, one message in flight at a time. What changes while a reader is slow is skipped, never queued.
 * `onSent` hears of each message, and whether it was sent because of a change.
 * Resolves when `signal` aborts, which it does when the reader is gone or the stream is to end. Never rejects.
 */
export async function streamList(
  call: ListCall,
  list: DeviceList,
  signal: AbortSignal,
  onSent: (isChange: boolean) => void,
): Promise<void> {
  let sent: Buffer | undefined;
  let version = 0;
  while (!signal.aborted) {
    if (version === list.version) {
      await settled(signal, (done) => list.subscribe(done));
      continue;
    }
    version = list.version;
    // A device that flapped may be back where this reader saw it.
    if (sent?.equals(list.encoded) === true) continue;
    const isChange = sent !== undefined;
    sent = list.encoded;
    await write(call, sent, signal);
    onSent(isChange);
  }
  // A last change just before the end (a resource that is taken back is emptied first) goes out in front of it.
  if (sent?.equals(list.encoded) !== true && !call.destroyed) call.write(list.encoded);
}

/** Resolves when the message left this process, which is when the reader's flow control let it. */
async function write(call: ListCall, message: Buffer, signal: AbortSignal): Promise<void> {
  await settled(signal, (done) => {
    call.write(message, done);
    return () => undefined;
  });
}
