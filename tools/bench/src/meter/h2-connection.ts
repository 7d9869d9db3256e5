// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net';
import { encodeFrame, frameFlag, FrameReader, frameType, unpadded } from './frame.ts';

/** What happens on the streams of a connection. */
export interface StreamEvents {
  data(streamId: number, payload: Buffer): void;
  /** The other side has said all it will say on this stream, or broke it off. */
  end(streamId: number): void;
  close(): void;
}

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'ascii');
const maxWindow = 2 ** 31 - 1;
const defaultWindow = 65_535;

/**
 * One HTTP/2 connection without encryption, as little of it as a meter needs: some 6 µs for a call, where node:http2 takes 60.
 * It never makes the other side wait: every stream and the connection itself may carry 2 GiB, which no run comes near.
 */
export class H2Connection {
  readonly #socket: Socket;
  readonly #events: StreamEvents;
  readonly #reader = new FrameReader();
  #prefaceLeft: number;
  #sendWindow = defaultWindow;

  constructor(socket: Socket, role: 'client' | 'server', events: StreamEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#prefaceLeft = role === 'server' ? preface.length : 0;
    socket.on('data', (chunk) => {
      this.#receive(chunk);
    });
    // Whatever breaks the connection ends in 'close'.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      events.close();
    });
    socket.write(Buffer.concat([...(role === 'client' ? [preface] : []), wideOpen]));
  }

  /** Whole frames. `dataBytes`: how much of it counts against the other side's window. */
  write(frames: Buffer, dataBytes: number): void {
    this.#sendWindow -= dataBytes;
    if (this.#sendWindow < 0) {
      this.#socket.destroy(new Error('the plugin takes no more data: its flow control window is used up'));
      return;
    }
    this.#socket.write(frames);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    const skip = Math.min(this.#prefaceLeft, chunk.length);
    this.#prefaceLeft -= skip;
    this.#reader.push(skip === 0 ? chunk : chunk.subarray(skip), this.#onFrame);
  }

  readonly #onFrame = (type: number, flags: number, streamId: number, payload: Buffer): void => {
    const ends = (flags & frameFlag.endStream) !== 0;
    switch (type) {
      case frameType.data:
        this.#events.data(streamId, unpadded(flags, payload));
        if (ends) this.#events.end(streamId);
        return;
      case frameType.headers:
        if (ends) this.#events.end(streamId);
        return;
      case frameType.rstStream:
        this.#events.end(streamId);
        return;
      case frameType.windowUpdate:
        if (streamId === 0) this.#sendWindow += payload.readUInt32BE(0);
        return;
      case frameType.settings:
      case frameType.ping:
        if ((flags & frameFlag.ack) === 0) this.#acknowledge(type, payload);
        return;
      case frameType.goAway:
        this.#socket.end();
    }
  };

  #acknowledge(type: number, payload: Buffer): void {
    const answer = type === frameType.ping ? payload : Buffer.alloc(0);
    this.#socket.write(encodeFrame(type, frameFlag.ack, 0, answer));
  }
}

/** SETTINGS with INITIAL_WINDOW_SIZE (0x4), then the window of the connection itself. */
const wideOpen = Buffer.concat([
  encodeFrame(frameType.settings, 0, 0, Buffer.from([0, 4, ...uint32(maxWindow)])),
  encodeFrame(frameType.windowUpdate, 0, 0, uint32(maxWindow - defaultWindow)),
]);

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
