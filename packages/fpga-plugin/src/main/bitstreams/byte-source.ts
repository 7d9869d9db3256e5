// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises';
import { DevicePluginError } from '@kube-device-plugins/core';

/** Bytes of a known number that can be read anywhere, so that no reader of a format holds all of a file. */
export interface ByteSource {
  readonly size: number;
  /**
   * Exactly these bytes.
   *
   * @throws DevicePluginError `BITSTREAM_INVALID` when they are not all there.
   */
  read(offset: number, length: number): Promise<Buffer>;
}

/** The bytes of an open file. */
export function fileSource(file: FileHandle, size: number): ByteSource {
  return {
    size,
    async read(offset, length) {
      requireWithin(size, offset, length);
      const bytes = Buffer.alloc(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw cutOff(offset + done, length - done, offset + done);
        done += bytesRead;
      }
      return bytes;
    },
  };
}

/** Bytes in memory. */
export function bufferSource(bytes: Buffer): ByteSource {
  return {
    size: bytes.length,
    read(offset, length) {
      return Promise.try(() => {
        requireWithin(bytes.length, offset, length);
        return bytes.subarray(offset, offset + length);
      });
    },
  };
}

/** A piece of another source, which begins at 0. Rejects as a read does when it is not all there. */
export function sliceSource(source: ByteSource, start: number, size: number): ByteSource {
  requireWithin(source.size, start, size);
  return {
    size,
    async read(offset, length) {
      requireWithin(size, offset, length);
      return await source.read(start + offset, length);
    },
  };
}

/** All of it in pieces, for streams. */
export async function* chunksOf(source: ByteSource): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < source.size; offset += chunkBytes) {
    yield await source.read(offset, Math.min(chunkBytes, source.size - offset));
  }
}

/** Bytes of one piece. */
export const chunkBytes = 256 * 1024;

function requireWithin(size: number, offset: number, length: number): void {
  const isNatural = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!isNatural || offset + length > size) throw cutOff(offset, length, size);
}

function cutOff(offset: number, length: number, size: number): DevicePluginError {
  const message = `it is cut off: ${length} bytes should follow at ${offset}, and it has ${size} bytes`;
  return new DevicePluginError('BITSTREAM_INVALID', message);
}
