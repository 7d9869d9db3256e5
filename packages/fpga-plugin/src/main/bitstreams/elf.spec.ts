// SPDX-License-Identifier: Apache-2.0
import { elfFile } from '@kube-device-plugins/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bufferSource } from './byte-source.ts';
import { readElfSections } from './elf.ts';

const file = elfFile({ '.a': 'first', '.b': '' });

/** A copy with these 16 bits at the offset. */
function patched(offset: number, value: number): Buffer {
  const bytes = Buffer.from(file);
  bytes.writeUInt16LE(value, offset);
  return bytes;
}

describe('readElfSections()', () => {
  it('gives every section back that was written, of 32 and of 64 bits', async () => {
    const name = fc.stringMatching(/^\.[a-z]{1,12}$/).filter((text) => text !== '.shstrtab');
    const content = fc.dictionary(name, fc.uint8Array({ maxLength: 40 }), { maxKeys: 8, noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(content, fc.constantFrom<32 | 64>(32, 64), async (written, bits) => {
        const bodies = Object.entries(written).map(([key, body]) => [key, Buffer.from(body)] as const);
        const sections = await readElfSections(bufferSource(elfFile(Object.fromEntries(bodies), bits)));
        for (const [key, body] of bodies) {
          const section = sections.get(key);
          expect(await section?.read(0, section.size)).toEqual(body);
        }
        expect(sections.size).toBe(bodies.length + 1);
      }),
    );
  });

  it.each([
    ['big-endian words', patched(4, 0x0202), 'it is not little-endian'],
    ['a class that there is not', patched(4, 0x0103), 'it is neither of 32 nor of 64 bits'],
    ['no sections', patched(60, 0), 'it has no sections'],
    ['entries of another size', patched(58, 40), 'its section table is odd'],
    ['no section of names', patched(62, 99), 'it has no names of sections'],
    ['more sections than bytes', patched(60, 0xffff), 'it is cut off'],
    ['a table past its end', patched(44, 1), 'it is cut off'],
    ['a section past its end', patched(file.length - 64 + 32, 0xffff), 'it is cut off'],
    ['a huge table of names', patched(file.length - 64 + 36, 0xffff), 'have more than 1048576 bytes'],
    ['a name outside the table', patched(file.length - 64, 0xffff), 'is not in its table of names'],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(readElfSections(bufferSource(bytes))).rejects.toMatchObject({
      code: 'BITSTREAM_INVALID',
      message: expect.stringContaining(message) as unknown,
    });
  });
});
