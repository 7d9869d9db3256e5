// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import { sliceSource, type ByteSource } from './byte-source.ts';

/** Sections by name; of several with one name the first. */
export type ElfSections = ReadonlyMap<string, ByteSource>;

/**
 * The sections of an ELF file of little-endian words, which the container of an OpenCL bitstream is. Nothing of them is read.
 * Source of every offset: elf(5), ElfN_Ehdr and ElfN_Shdr.
 *
 * @throws DevicePluginError `BITSTREAM_INVALID`.
 */
export async function readElfSections(source: ByteSource): Promise<ElfSections> {
  const layout = layoutOf(await source.read(0, identBytes));
  const header = await source.read(0, layout.headerBytes);
  const count = header.readUInt16LE(layout.sectionCount);
  const namesIndex = header.readUInt16LE(layout.namesIndex);
  if (count === 0) throw noElf('it has no sections');
  if (header.readUInt16LE(layout.sectionEntryBytes) !== layout.entryBytes) throw noElf('its section table is odd');
  const table = await source.read(layout.word(header, layout.sectionTable), count * layout.entryBytes);
  const entries = Array.from({ length: count }, (_, index) =>
    entryAt(layout, table.subarray(index * layout.entryBytes)),
  );
  const names = await readNames(source, entries[namesIndex]);
  const sections = new Map<string, ByteSource>();
  for (const { nameOffset, type, offset, size } of entries) {
    const name = nameAt(names, nameOffset);
    const hasBytes = type !== SHT_NULL && type !== SHT_NOBITS;
    if (hasBytes && !sections.has(name)) sections.set(name, sliceSource(source, offset, size));
  }
  return sections;
}

const identBytes = 16;
const elfMagic = Buffer.from('\x7fELF', 'latin1');
const SHT_NULL = 0;
const SHT_NOBITS = 8;

/** Bytes of the table of names: far more than a compiler for FPGAs ever writes. */
const maxNamesBytes = 1024 * 1024;
const maxNameBytes = 256;

interface ElfLayout {
  readonly headerBytes: number;
  readonly sectionTable: number;
  readonly sectionEntryBytes: number;
  readonly sectionCount: number;
  readonly namesIndex: number;
  readonly entryBytes: number;
  readonly entryOffset: number;
  readonly entrySize: number;
  /** An address-sized word. */
  readonly word: (bytes: Buffer, offset: number) => number;
}

const elf32: ElfLayout = {
  headerBytes: 52,
  sectionTable: 32,
  sectionEntryBytes: 46,
  sectionCount: 48,
  namesIndex: 50,
  entryBytes: 40,
  entryOffset: 16,
  entrySize: 20,
  word: (bytes, offset) => bytes.readUInt32LE(offset),
};

const elf64: ElfLayout = {
  headerBytes: 64,
  sectionTable: 40,
  sectionEntryBytes: 58,
  sectionCount: 60,
  namesIndex: 62,
  entryBytes: 64,
  entryOffset: 24,
  entrySize: 32,
  // What does not fit a number is past the end of every file; reads refuse it.
  word: (bytes, offset) => Number(bytes.readBigUInt64LE(offset)),
};

function layoutOf(ident: Buffer): ElfLayout {
  if (!ident.subarray(0, elfMagic.length).equals(elfMagic)) throw noElf('it does not begin with the magic of ELF');
  const [elfClass, data] = [ident[4], ident[5]];
  if (data !== 1) throw noElf('it is not little-endian');
  if (elfClass === 1) return elf32;
  if (elfClass === 2) return elf64;
  throw noElf('it is neither of 32 nor of 64 bits');
}

interface Section {
  readonly nameOffset: number;
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

function entryAt({ word, entryOffset, entrySize }: ElfLayout, entry: Buffer): Section {
  return {
    nameOffset: entry.readUInt32LE(0),
    type: entry.readUInt32LE(4),
    offset: word(entry, entryOffset),
    size: word(entry, entrySize),
  };
}

async function readNames(source: ByteSource, section: Section | undefined): Promise<Buffer> {
  if (section === undefined) throw noElf('it has no names of sections');
  if (section.size > maxNamesBytes) throw noElf(`its names of sections have more than ${maxNamesBytes} bytes`);
  return await source.read(section.offset, section.size);
}

function nameAt(names: Buffer, offset: number): string {
  const name = names.subarray(offset, offset + maxNameBytes);
  const end = name.indexOf(0);
  if (end < 0) throw noElf('the name of a section is not in its table of names');
  return name.toString('latin1', 0, end);
}

function noElf(why: string): DevicePluginError {
  return new DevicePluginError('BITSTREAM_INVALID', `it is no ELF file that can be read: ${why}`);
}
