// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import { sliceSource, type ByteSource } from './byte-source.ts';
import { parseGbsMetadata, type GbsMetadata } from './gbs-metadata.ts';

/** A green bitstream: what it says of itself, and the bytes that the hardware gets. */
export interface Gbs {
  readonly metadata: GbsMetadata;
  readonly payload: ByteSource;
}

/**
 * Layout, all little-endian: 16 bytes of magic, the length of the metadata (u32), the metadata (JSON), the payload up to the end.
 * Source: Intel device plugins for Kubernetes, pkg/fpga/bitstream; OPAE SDK, libbitstream.
 */
const magic = Buffer.from('XeonFPGA\xb7GBSv001', 'latin1');
const headerBytes = magic.length + 4;

/** Bytes of metadata at most. Source: OPAE, the same. */
const maxMetadataBytes = 4095;

/** Bytes of a payload, which is in memory while it is loaded: several times the largest device's. */
export const maxPayloadBytes = 1024 ** 3;

/** Bytes from the beginning in which header and metadata are, whatever their size. */
export const gbsHeadBytes = headerBytes + maxMetadataBytes;

/** Rejects with `BITSTREAM_INVALID`, and why it is no GBS. */
export async function readGbs(source: ByteSource): Promise<Gbs> {
  const header = await source.read(0, headerBytes);
  if (!header.subarray(0, magic.length).equals(magic)) throw noGbs('it does not begin with the magic of a GBS');
  const metadataBytes = header.readUInt32LE(magic.length);
  if (metadataBytes < 1 || metadataBytes > maxMetadataBytes)
    throw noGbs(`its metadata should have 1 to ${maxMetadataBytes} bytes, not ${metadataBytes}`);
  const metadata = parseGbsMetadata((await source.read(headerBytes, metadataBytes)).toString());
  const payload = sliceSource(source, headerBytes + metadataBytes, source.size - headerBytes - metadataBytes);
  // More is not to be seen: the format has no length of the payload.
  if (payload.size === 0) throw noGbs('it is cut off: nothing follows its metadata');
  if (payload.size > maxPayloadBytes) throw noGbs(`its payload has more than ${maxPayloadBytes} bytes`);
  return { metadata, payload };
}

function noGbs(why: string): DevicePluginError {
  return new DevicePluginError('BITSTREAM_INVALID', why);
}
