// SPDX-License-Identifier: Apache-2.0
import { closeSync, open, read } from 'node:fs';
import { DevicePluginError } from '../errors.ts';
import { fileWork } from './file-work.ts';

/** Reads that took too long and have not ended yet, by their paths: of the process, whose threads they hold. */
const hanging = new Set<string>();
/** One read after another, so that no more can hang than are counted. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Reads a file behind which is a device that may take long to answer, or never does: in a thread of its own, and for no longer than 2 s.
 * One read(2) is all: an attribute is handed out at once (Linux, Documentation/filesystems/sysfs.rst).
 *
 * @param path - in the file system of this process.
 * @throws DevicePluginError `HOST_TIMEOUT` when it takes longer, and for as long as that read has not ended; what the kernel says otherwise.
 */
export async function probe(path: string, maxBytes: number): Promise<string> {
  const reading = last.then(() => readInTime(path, maxBytes));
  last = reading.catch(() => undefined);
  return await reading;
}

async function readInTime(path: string, maxBytes: number): Promise<string> {
  if (hanging.has(path)) throw noAnswer(path);
  if (hanging.size >= mostHanging) throw new Error(`reads of other devices do not end: ${[...hanging].join(', ')}`);
  const reading = fileWork(() => readText(path, maxBytes));
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(late.resolve, patienceMs, undefined);
  const text = await Promise.race([reading, late.promise]).finally(() => {
    clearTimeout(timer);
  });
  if (text !== undefined) return text;
  hanging.add(path);
  void reading.catch(() => undefined).finally(() => hanging.delete(path));
  throw noAnswer(path);
}

function noAnswer(path: string): DevicePluginError {
  return new DevicePluginError('HOST_TIMEOUT', `no answer to a read of ${path} in ${patienceMs / 1_000} s`);
}

/** By callbacks, which take a third of the processor time of a FileHandle. To close what is only read does not wait for a device. */
function readText(path: string, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    open(path, (openError, fd) => {
      if (openError !== null) {
        reject(openError);
        return;
      }
      const buffer = Buffer.allocUnsafe(maxBytes + 1);
      read(fd, buffer, 0, buffer.length, null, (readError, length) => {
        closeSync(fd);
        if (readError !== null) reject(readError);
        else if (length > maxBytes) reject(new RangeError(`it is larger than ${maxBytes} bytes`));
        else resolve(buffer.toString('utf8', 0, length));
      });
    });
  });
}

/** Well above what firmware takes to answer, and below the time between two scans. */
const patienceMs = 2_000;

/** Each holds one of the four threads that Node.js does file work with (libuv, UV_THREADPOOL_SIZE). */
const mostHanging = 2;
