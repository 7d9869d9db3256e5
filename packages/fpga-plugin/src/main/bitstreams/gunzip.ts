// SPDX-License-Identifier: Apache-2.0
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DevicePluginError, messageOf } from '@kube-device-plugins/core';
import { chunkBytes, chunksOf, type ByteSource } from './byte-source.ts';

/**
 * Unpacks gzip piece by piece, so that a bomb costs time and no memory.
 *
 * @throws DevicePluginError `BITSTREAM_INVALID` when it is no gzip, is cut off, or unpacks to more than `maxBytes`.
 */
async function* unpack(packed: ByteSource, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  // An error of either stream comes out of the loop below.
  const gunzip = pipeline(Readable.from(chunksOf(packed)), createGunzip({ chunkSize: chunkBytes }), () => undefined);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new RangeError(`it unpacks to more than ${maxBytes} bytes`);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof DevicePluginError) throw error;
    throw new DevicePluginError('BITSTREAM_INVALID', `its gzip part cannot be unpacked: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The first bytes of what is packed, at most `headBytes`, and how many there are in all. */
export async function measureGzip(
  packed: ByteSource,
  headBytes: number,
  maxBytes: number,
): Promise<{ readonly head: Buffer; readonly size: number }> {
  const head = Buffer.alloc(headBytes);
  let size = 0;
  for await (const chunk of unpack(packed, maxBytes)) {
    if (size < headBytes) chunk.copy(head, size);
    size += chunk.length;
  }
  return { head: head.subarray(0, Math.min(size, headBytes)), size };
}

/** All of it, which has `size` bytes. */
export async function gunzip(packed: ByteSource, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(size);
  let done = 0;
  for await (const chunk of unpack(packed, size)) done += chunk.copy(bytes, done);
  if (done !== size) throw new DevicePluginError('BITSTREAM_INVALID', 'it changed while it was read');
  return bytes;
}
