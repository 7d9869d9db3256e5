// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib';
import { elfFile, type ElfContent } from './elf-file.ts';

/** The bytes of an AOCX file, an OpenCL bitstream: a GBS, packed, in an ELF file, in an ELF file. */
export function aocxFile(gbs: Buffer, sections: ElfContent = aocxSections): Buffer {
  return elfFile({ ...sections, '.acl.fpga.bin': elfFile({ '.acl.gbs.gz': gzipSync(gbs) }) });
}

/** What the compiler says of a kernel. */
export const aocxSections = {
  '.acl.board': 'pac_a10',
  '.acl.target': 'fpga',
  '.acl.version': '19.4.0 Build 64',
  '.acl.rand_hash': '40007c0623210742000ebc58df6f5343e668b03a\n',
} as const satisfies ElfContent;
