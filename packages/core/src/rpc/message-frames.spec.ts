// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, messageFrame } from './message-frames.ts';

describe('FrameReader', () => {
  it('gives what messageFrame() made, however it is cut into pieces', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 8 });
    const cuts = fc.array(fc.nat(200), { maxLength: 10 });
    fc.assert(
      fc.property(messages, cuts, (sent, at) => {
        const reader = new FrameReader(20);
        const body = Buffer.concat(sent.map(messageFrame));
        const ends = [...at.filter((end) => end < body.length).sort((a, b) => a - b), body.length];
        const received = ends.flatMap((end, index) => reader.push(body.subarray(ends[index - 1] ?? 0, end)));
        expect(received).toEqual(sent.map((message) => Buffer.from(message)));
        expect(reader.isInside).toBe(false);
      }),
    );
  });

  it('holds what has begun until it ends', () => {
    const reader = new FrameReader(10);
    expect(reader.push(Buffer.from([0, 0, 0, 0, 2, 7]))).toEqual([]);
    expect(reader.isInside).toBe(true);
    expect(reader.push(Buffer.from([8, 0]))).toEqual([Buffer.from([7, 8])]);
    expect(reader.isInside).toBe(true);
  });

  it.each([
    ['a compressed message', [1, 0, 0, 0, 0], 'compressed'],
    ['a message that is too long, by its prefix alone', [0, 0, 0, 0, 11], 'longer than 10 bytes'],
    ['a message of 4 GiB', [0, 255, 255, 255, 255], 'longer than 10 bytes'],
  ])('refuses %s', (_what, bytes, text) => {
    expect(() => new FrameReader(10).push(Buffer.from(bytes))).toThrow(text);
  });

  it('gives messages of the permitted length, or refuses, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 10 }), (pieces) => {
        const reader = new FrameReader(12);
        try {
          for (const piece of pieces) {
            for (const message of reader.push(Buffer.from(piece))) expect(message.length).toBeLessThanOrEqual(12);
          }
        } catch (error) {
          expect(String(error)).toMatch(/compressed|longer than 12 bytes/);
        }
      }),
    );
  });
});
