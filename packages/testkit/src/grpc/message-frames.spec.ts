// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameError, FrameReader, messageFrame } from './message-frames.ts';

describe('FrameReader', () => {
  it('finds the messages however the bytes are cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 20 }));
    fc.assert(
      fc.property(messages, fc.array(fc.nat(12)), (sent, sizes) => {
        const bytes = Buffer.concat(sent.map(messageFrame));
        const reader = new FrameReader(20);
        const read: Buffer[] = [];
        let at = 0;
        for (const size of [...sizes, bytes.length]) {
          read.push(...reader.push(bytes.subarray(at, at + size)));
          at += size;
        }
        expect(read).toEqual(sent.map((message) => Buffer.from(message)));
        expect(reader.isInside).toBe(false);
      }),
    );
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        const reader = new FrameReader(100);
        try {
          for (const chunk of chunks) reader.push(Buffer.from(chunk));
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
    );
  });

  it('waits for the rest of a message', () => {
    const reader = new FrameReader(3);
    expect(reader.push(messageFrame(Buffer.from('abc')).subarray(0, 7))).toEqual([]);
    expect(reader.isInside).toBe(true);
  });

  it.each([
    [messageFrame(Buffer.alloc(4)), 'RESOURCE_EXHAUSTED', 'grpc: received message larger than max (4 vs. 3)'],
    [Buffer.from([1, 0, 0, 0, 0]), 'INTERNAL', 'grpc: compressed flag set with identity or empty encoding'],
  ])('refuses %j', (bytes, status, details) => {
    const refused = expect(() => new FrameReader(3).push(bytes));
    refused.toThrow(expect.objectContaining({ outcome: { status, details } }));
  });
});
