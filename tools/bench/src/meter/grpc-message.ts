// SPDX-License-Identifier: Apache-2.0

/** A message with gRPC's prefix: one byte "not compressed", four bytes of length. */
export function prefixMessage(message: Uint8Array): Buffer {
  const framed = Buffer.alloc(prefixBytes + message.length);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, prefixBytes);
  return framed;
}

const prefixBytes = 5;

/** Puts the messages of one gRPC stream together from the chunks they come in. */
export class MessageReader {
  #chunks: Buffer[] = [];
  #length = 0;
  readonly #onMessage: (message: Buffer) => void;

  /** @param onMessage - takes one message, a view that is valid only during the call. */
  constructor(onMessage: (message: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    if (this.#length === 0 && isWhole(chunk)) {
      this.#onMessage(chunk.subarray(prefixBytes));
      return;
    }
    // A copy, because the chunk is valid only now.
    this.#chunks.push(Buffer.from(chunk));
    this.#length += chunk.length;
    this.#drain();
  }

  #drain(): void {
    while (this.#length >= prefixBytes) {
      const bytes = this.#chunks[0] ?? Buffer.alloc(0);
      const end = bytes.length < prefixBytes ? Infinity : prefixBytes + bytes.readUInt32BE(1);
      if (bytes.length < end) {
        if (this.#length < end && end !== Infinity) return;
        this.#chunks = [Buffer.concat(this.#chunks)];
        continue;
      }
      this.#onMessage(bytes.subarray(prefixBytes, end));
      this.#length -= end;
      this.#chunks = [bytes.subarray(end), ...this.#chunks.slice(1)];
    }
  }
}

function isWhole(chunk: Buffer): boolean {
  return chunk.length >= prefixBytes && chunk.length === prefixBytes + chunk.readUInt32BE(1);
}
