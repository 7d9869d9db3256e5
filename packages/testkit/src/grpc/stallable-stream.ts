// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A socket whose owner can stop reading for good: the buffers of the kernel fill up, and at last the peer cannot write any more. */
export class StallableStream extends Duplex {
  readonly #socket: Socket;
  #isStalled = false;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.once('end', () => this.push(null));
    socket.once('error', (error) => this.destroy(error));
    socket.once('close', () => this.destroy());
  }

  stall(): void {
    this.#isStalled = true;
    this.#socket.pause();
  }

  override _read(): void {
    if (!this.#isStalled) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
