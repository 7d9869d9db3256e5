// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { mkdir, mkdtemp, open, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DevicePluginError, isErrno } from '../errors.ts';
import { descriptionFile, parseCaptureDescription, type CaptureDescription } from './capture-description.ts';
import { maxCaptureBytes, readCaptureEntries, type CaptureEntries } from './capture-entries.ts';

/** A capture as a directory, which goes when it is disposed of. */
export interface ExtractedCapture extends AsyncDisposable {
  /** What to give to `new Host(root)`. */
  readonly root: string;
  /** Undefined for an archive that `kdp capture` did not make. */
  readonly description: CaptureDescription | undefined;
}

/**
 * Extracts a capture, plain or compressed by gzip, into a temporary directory that only this user can read.
 *
 * @throws DevicePluginError `CAPTURE_INVALID`, naming the file, when it cannot be read, is none, or could do harm.
 */
export async function extractCapture(path: string): Promise<ExtractedCapture> {
  try {
    const entries = await readCaptureEntries(await readArchive(path));
    const about = entries.get(descriptionFile);
    const description = about?.kind === 'file' ? parseCaptureDescription(about.text) : undefined;
    const root = await realpath(await mkdtemp(join(tmpdir(), 'kdp-')));
    const dispose = (): Promise<void> => rm(root, { recursive: true, force: true });
    await write(root, entries).catch(async (error: unknown) => {
      await dispose();
      throw error;
    });
    return { root, description, [Symbol.asyncDispose]: dispose };
  } catch (cause) {
    throw new DevicePluginError('CAPTURE_INVALID', `cannot replay ${path}`, { cause });
  }
}

async function readArchive(path: string): Promise<Uint8Array> {
  // O_NONBLOCK: a FIFO in its place must not hold up the process.
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const { size } = await file.stat();
  if (size > maxCaptureBytes) throw new RangeError(`it is larger than ${maxCaptureBytes} bytes`);
  const buffer = Buffer.alloc(size);
  const { bytesRead } = await file.read(buffer, 0, size, 0);
  const bytes = buffer.subarray(0, bytesRead);
  return isGzip(bytes) ? gunzip(bytes) : bytes;
}

function gunzip(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxCaptureBytes });
  } catch (cause) {
    // Node.js words it as a matter of its buffers.
    if (isErrno(cause, 'ERR_BUFFER_TOO_LARGE'))
      throw new RangeError(`unpacked, it is larger than ${maxCaptureBytes} bytes`, { cause });
    throw cause;
  }
}

/** Source: RFC 1952, 2.3.1. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The directory is new and no path leads over a symlink, so all of it stays there. */
async function write(root: string, entries: CaptureEntries): Promise<void> {
  for (const [path, entry] of entries) {
    const place = join(root, path);
    await mkdir(entry.kind === 'directory' ? place : dirname(place), { recursive: true });
    if (entry.kind === 'file') await writeFile(place, entry.text, { flag: 'wx' });
    else if (entry.kind === 'link') await symlink(entry.target, place);
  }
}
