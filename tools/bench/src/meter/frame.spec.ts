// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameReader, unpadded } from './frame.ts';

const byte = fc.nat(255);
const frame = fc.tuple(byte, byte, fc.nat(2 ** 31 - 1), fc.uint8Array({ maxLength: 300 }));

describe('FrameReader', () => {
  it('reads what encodeFrame() wrote, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(frame), fc.integer({ min: 1, max: 64 }), (frames, size) => {
        const bytes = Buffer.concat(frames.map((parts) => encodeFrame(...parts)));
        const read: [number, number, number, Uint8Array][] = [];
        const reader = new FrameReader();
        for (let at = 0; at < bytes.length; at += size) {
          reader.push(bytes.subarray(at, at + size), (type, flags, streamId, payload) => {
            read.push([type, flags, streamId, Uint8Array.from(payload)]);
          });
        }
        expect(read).toEqual(frames);
      }),
    );
  });
});

describe('unpadded()', () => {
  it('leaves a payload without padding as it is', () => {
    expect(unpadded(0x1, Buffer.from([2, 7, 8]))).toEqual(Buffer.from([2, 7, 8]));
  });

  it('takes the length of the padding and the padding away', () => {
    expect(unpadded(0x8, Buffer.from([2, 7, 8, 0, 0]))).toEqual(Buffer.from([7, 8]));
  });
});
