// SPDX-License-Identifier: Apache-2.0

/** Sections by name, in their order. */
export type ElfContent = Readonly<Record<string, Buffer | string>>;

/** Sizes and places of fields. Source: elf(5). */
const layouts = {
  32: { header: 52, entry: 40, sectionTable: 32, counts: 46, entryOffset: 16, entrySize: 20 },
  64: { header: 64, entry: 64, sectionTable: 40, counts: 58, entryOffset: 24, entrySize: 32 },
} as const;

/** The bytes of an ELF file with these sections and no code, as the OpenCL compiler for FPGAs makes its containers. */
export function elfFile(content: ElfContent, bits: 32 | 64 = 64): Buffer {
  const layout = layouts[bits];
  const names = ['', ...Object.keys(content), '.shstrtab'];
  const table = Buffer.from(names.map((name) => `${name}\0`).join(''));
  const bodies = [Buffer.alloc(0), ...Object.values(content).map((body) => Buffer.from(body)), table];
  const entries = Buffer.alloc(names.length * layout.entry);
  let offset = layout.header;
  let nameOffset = 0;
  names.forEach((name, index) => {
    const size = bodies[index]?.length ?? 0;
    const entry = entries.subarray(index * layout.entry);
    entry.writeUInt32LE(nameOffset, 0);
    // SHT_NULL, SHT_PROGBITS
    entry.writeUInt32LE(index === 0 ? 0 : 1, 4);
    writeWord(entry, bits, offset, layout.entryOffset);
    writeWord(entry, bits, size, layout.entrySize);
    offset += size;
    nameOffset += name.length + 1;
  });
  return Buffer.concat([headerBytes(bits, offset, names.length), ...bodies, entries]);
}

function headerBytes(bits: 32 | 64, tableOffset: number, sections: number): Buffer {
  const layout = layouts[bits];
  const header = Buffer.alloc(layout.header);
  header.write('\x7fELF', 'latin1');
  header.writeUInt8(bits / 32, 4);
  // Little-endian; version 1.
  header.writeUInt8(1, 5);
  header.writeUInt8(1, 6);
  writeWord(header, bits, tableOffset, layout.sectionTable);
  header.writeUInt16LE(layout.entry, layout.counts);
  header.writeUInt16LE(sections, layout.counts + 2);
  header.writeUInt16LE(sections - 1, layout.counts + 4);
  return header;
}

function writeWord(bytes: Buffer, bits: 32 | 64, value: number, offset: number): void {
  if (bits === 32) bytes.writeUInt32LE(value, offset);
  else bytes.writeBigUInt64LE(BigInt(value), offset);
}
