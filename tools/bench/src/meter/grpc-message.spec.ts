// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageReader, prefixMessage } from './grpc-message.ts';

describe('MessageReader', () => {
  it('puts messages together, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), fc.integer({ min: 1, max: 32 }), (messages, size) => {
        const bytes = Buffer.concat(messages.map((message) => prefixMessage(message)));
        const read: Uint8Array[] = [];
        const reader = new MessageReader((message) => read.push(Uint8Array.from(message)));
        for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
        expect(read).toEqual(messages);
      }),
    );
  });
});
