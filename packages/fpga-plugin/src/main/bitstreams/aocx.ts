// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import { bufferSource, type ByteSource } from './byte-source.ts';
import { readElfSections, type ElfSections } from './elf.ts';
import { gbsHeadBytes, maxPayloadBytes, readGbs } from './gbs.ts';
import type { GbsMetadata } from './gbs-metadata.ts';
import { gunzip, measureGzip } from './gunzip.ts';

/** An OpenCL bitstream: the GBS that is packed inside it, and what the compiler says of it. */
export interface Aocx {
  readonly metadata: GbsMetadata;
  /** Names the kernel; every build has another one. Hexadecimal digits. */
  readonly hash: string;
  readonly board: string;
  readonly target: string;
  readonly version: string;
  readonly payloadBytes: number;
  /** Unpacks the bytes that the hardware gets. */
  payload(): Promise<Buffer>;
}

/**
 * Reads an ELF file whose section `.acl.fpga.bin` is an ELF file whose section `.acl.gbs.gz` is a GBS, packed.
 * Source: upstream, pkg/fpga/bitstream/aocx.go.
 *
 * @throws DevicePluginError `BITSTREAM_INVALID`, also for one that unpacks to more than `maxBytes`.
 */
export async function readAocx(source: ByteSource, maxBytes = maxPayloadBytes): Promise<Aocx> {
  const outer = await readElfSections(source);
  const inner = await readElfSections(required(outer, '.acl.fpga.bin'));
  const packed = required(inner, '.acl.gbs.gz');
  const { head, size } = await measureGzip(packed, gbsHeadBytes, maxBytes);
  const { metadata, payload } = await readGbs({ ...bufferSource(head), size });
  const hash = await text(outer, '.acl.rand_hash');
  if (!/^[\da-f]{1,128}$/i.test(hash)) throw invalid('its section .acl.rand_hash is no name of hexadecimal digits');
  return {
    metadata,
    hash: hash.toLowerCase(),
    board: await text(outer, '.acl.board'),
    target: await text(outer, '.acl.target'),
    version: await text(outer, '.acl.version'),
    payloadBytes: payload.size,
    payload: async () => (await gunzip(packed, size)).subarray(size - payload.size),
  };
}

function required(sections: ElfSections, name: string): ByteSource {
  const section = sections.get(name);
  if (section === undefined) throw invalid(`it has no section ${name}`);
  return section;
}

/** A section that is not there is an empty text. */
async function text(sections: ElfSections, name: string): Promise<string> {
  const section = sections.get(name);
  if (section === undefined) return '';
  if (section.size > maxTextBytes) throw invalid(`its section ${name} has more than ${maxTextBytes} bytes`);
  return (await section.read(0, section.size)).toString().replace(/\0+$/, '').trim();
}

const maxTextBytes = 4096;

function invalid(why: string): DevicePluginError {
  return new DevicePluginError('BITSTREAM_INVALID', why);
}
