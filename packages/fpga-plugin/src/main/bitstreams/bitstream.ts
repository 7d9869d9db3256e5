// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { extname } from 'node:path';
import { DevicePluginError, messageOf } from '@kube-device-plugins/core';
import { readAocx } from './aocx.ts';
import { fileSource, type ByteSource } from './byte-source.ts';
import { readGbs } from './gbs.ts';

/** A bitstream of either kind, open for reading. */
export interface Bitstream extends AsyncDisposable {
  readonly path: string;
  readonly extension: BitstreamExtension;
  readonly interfaceId: string;
  readonly afuId: string;
  /** Names it among those of its region: the id of its function, or the hash of an OpenCL kernel. */
  readonly uniqueId: string;
  /** What else it says of itself, by name. */
  readonly extra: Readonly<Record<string, string>>;
  /** The bytes that the hardware gets. */
  payload(): Promise<Buffer>;
}

export type BitstreamExtension = (typeof bitstreamExtensions)[number];

/** In the order in which they are looked for. */
export const bitstreamExtensions = ['.gbs', '.aocx'] as const;

/** Opens a bitstream, whose kind its extension says. Rejects with `BITSTREAM_INVALID`, the path and what is wrong. */
export async function openBitstream(path: string): Promise<Bitstream> {
  const extension = bitstreamExtensions.find((known) => known === extname(path));
  if (extension === undefined)
    throw unusable(path, new RangeError(`its name should end in ${bitstreamExtensions.join(' or ')}`));
  // O_NONBLOCK: a FIFO in the place of a file must not hold up the process.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw unusable(path, error);
  });
  try {
    return await read(path, extension, file);
  } catch (error) {
    await file.close();
    throw unusable(path, error);
  }
}

async function read(path: string, extension: BitstreamExtension, file: FileHandle): Promise<Bitstream> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new RangeError('it is no regular file');
  const source = fileSource(file, stats.size);
  const parts = extension === '.gbs' ? await gbsParts(source) : await aocxParts(source);
  return { path, extension, ...parts, [Symbol.asyncDispose]: () => file.close() };
}

type Parts = Omit<Bitstream, 'path' | 'extension' | typeof Symbol.asyncDispose>;

async function gbsParts(source: ByteSource): Promise<Parts> {
  const { metadata, payload } = await readGbs(source);
  return {
    ...metadata,
    uniqueId: metadata.afuId,
    extra: { Size: String(payload.size) },
    payload: () => payload.read(0, payload.size),
  };
}

async function aocxParts(source: ByteSource): Promise<Parts> {
  const aocx = await readAocx(source);
  const { metadata, hash, board, target, version, payloadBytes } = aocx;
  return {
    ...metadata,
    uniqueId: hash,
    extra: { Board: board, Target: target, Hash: hash, Version: version, Size: String(payloadBytes) },
    payload: () => aocx.payload(),
  };
}

function unusable(path: string, error: unknown): DevicePluginError {
  return new DevicePluginError('BITSTREAM_INVALID', `cannot use the bitstream ${path}: ${messageOf(error)}`, {
    cause: error,
  });
}
