// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { DevicePluginError, messageOf } from '@kube-device-plugins/core';

/** Bytes of the state of a container, which has its annotations in it; and of a config.json. */
export const maxStateBytes = 1024 * 1024;
const maxConfigBytes = 4 * 1024 * 1024;

/**
 * The directory of the container that a runtime is about to start, from the state that it writes to a hook's standard input.
 * Source: OCI runtime-spec, runtime.md, "State".
 *
 * @throws DevicePluginError `CONFIG_INVALID`; also for a path that is relative or leads upwards.
 */
export function bundleOf(state: string): string {
  const { bundle } = parseObject(state, 'the state of the container on standard input');
  if (typeof bundle !== 'string' || bundle === '') throw invalid('the state of the container names no bundle');
  const isPlain = isAbsolute(bundle) && !bundle.includes('\0') && !bundle.split('/').includes('..');
  if (!isPlain) throw invalid(`the bundle ${JSON.stringify(bundle)} is no plain absolute path`);
  return bundle;
}

/** The text of a bundle's config.json. Rejects with `CONFIG_INVALID`. */
export async function readBundleConfig(bundle: string): Promise<string> {
  const path = join(bundle, 'config.json');
  try {
    // O_NONBLOCK: a FIFO in the place of the file must not hold up the container.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) throw new RangeError('it is no regular file');
    const chunks: Buffer[] = [];
    for (let bytes = 0; ;) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536), 0, 65_536);
      if (bytesRead === 0) return Buffer.concat(chunks).toString();
      bytes += bytesRead;
      if (bytes > maxConfigBytes) throw new RangeError(`it has more than ${maxConfigBytes} bytes`);
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } catch (cause) {
    throw new DevicePluginError('CONFIG_INVALID', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * A JSON object.
 *
 * @throws DevicePluginError `CONFIG_INVALID` that begins with `what` it should be.
 */
export function parseObject(text: string, what: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DevicePluginError('CONFIG_INVALID', `${what} is not JSON`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${what} is no JSON object`);
  return value as Readonly<Record<string, unknown>>;
}

function invalid(message: string): DevicePluginError {
  return new DevicePluginError('CONFIG_INVALID', message);
}
