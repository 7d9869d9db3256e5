// SPDX-License-Identifier: Apache-2.0

/** A message as gRPC sends it: a byte "not compressed" and four bytes of length in front. Source: grpc/grpc, doc/PROTOCOL-HTTP2.md. */
export function messageFrame(message: Uint8Array): Buffer {
  const framed = Buffer.alloc(prefixBytes + message.byteLength);
  framed.writeUInt32BE(message.byteLength, 1);
  framed.set(message, prefixBytes);
  return framed;
}

/** Takes the messages out of a body that arrives in pieces. It never holds more than one message and one piece. */
export class FrameReader {
  readonly #maxMessageBytes: number;
  #pieces: Buffer[] = [];
  #heldBytes = 0;
  #neededBytes = prefixBytes;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Whether the last message has begun and not ended. */
  get isInside(): boolean {
    return this.#heldBytes > 0;
  }

  /**
   * The messages that end in this piece.
   *
   * @throws Error for one that is compressed or too long.
   */
  push(piece: Buffer): Buffer[] {
    this.#pieces.push(piece);
    this.#heldBytes += piece.length;
    const messages: Buffer[] = [];
    while (this.#heldBytes >= this.#neededBytes) {
      const held = Buffer.concat(this.#pieces);
      this.#neededBytes = prefixBytes + this.#messageBytes(held);
      this.#keep(held);
      if (held.length < this.#neededBytes) break;
      messages.push(held.subarray(prefixBytes, this.#neededBytes));
      this.#keep(held.subarray(this.#neededBytes));
      this.#neededBytes = prefixBytes;
    }
    return messages;
  }

  #messageBytes(held: Buffer): number {
    if (held[0] !== 0) throw new Error('the answer is compressed, which was not asked for');
    const bytes = held.readUInt32BE(1);
    if (bytes > this.#maxMessageBytes) throw new Error(`the answer is longer than ${this.#maxMessageBytes} bytes`);
    return bytes;
  }

  #keep(held: Buffer): void {
    this.#pieces = held.length === 0 ? [] : [held];
    this.#heldBytes = held.length;
  }
}

const prefixBytes = 5;
