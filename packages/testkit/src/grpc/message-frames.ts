// SPDX-License-Identifier: Apache-2.0
import type { CallOutcome } from './call-outcome.ts';

/** A message with its length before it. Source: grpc/grpc doc/PROTOCOL-HTTP2.md, Length-Prefixed-Message. */
export function messageFrame(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(prefixBytes + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}

/** Why no message can be read any more: the outcome of the call. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly outcome: CallOutcome;

  constructor(outcome: CallOutcome) {
    super(outcome.details);
    this.outcome = outcome;
  }
}

/** Takes the messages out of a stream of bytes. */
export class FrameReader {
  readonly #maxMessageBytes: number;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Whether a message has begun that has not ended. */
  get isInside(): boolean {
    return this.#length > 0;
  }

  /**
   * The messages that are complete with this chunk.
   *
   * @throws FrameError for a compressed message (none was agreed on) and one that is too long; both in the words of grpc-go.
   */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const messages: Buffer[] = [];
    for (let message = this.#take(); message !== undefined; message = this.#take()) messages.push(message);
    return messages;
  }

  #take(): Buffer | undefined {
    if (this.#length < prefixBytes) return undefined;
    const prefix = this.#first(prefixBytes);
    const end = prefixBytes + this.#checkedLength(prefix);
    if (this.#length < end) return undefined;
    const bytes = this.#first(end);
    const rest = bytes.subarray(end);
    this.#chunks = rest.length > 0 ? [rest, ...this.#chunks.slice(1)] : this.#chunks.slice(1);
    this.#length -= end;
    return bytes.subarray(prefixBytes, end);
  }

  /** Makes the first chunk at least so long. */
  #first(length: number): Buffer {
    if ((this.#chunks[0]?.length ?? 0) < length) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  #checkedLength(prefix: Buffer): number {
    const length = prefix.readUInt32BE(1);
    if (prefix[0] !== 0) {
      const details = 'grpc: compressed flag set with identity or empty encoding';
      throw new FrameError({ status: 'INTERNAL', details });
    }
    if (length > this.#maxMessageBytes) {
      const details = `grpc: received message larger than max (${length} vs. ${this.#maxMessageBytes})`;
      throw new FrameError({ status: 'RESOURCE_EXHAUSTED', details });
    }
    return length;
  }
}

/** A flag and four bytes of length. */
const prefixBytes = 5;
