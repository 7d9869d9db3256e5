// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { DevicePluginError } from '../errors.ts';
import { maxSocketPathBytes } from '../kubelet-api/constants.ts';
import { shortHash } from './short-hash.ts';

/** `unique`: one name for each process, so that an old and a new pod can overlap; `classic`: upstream's, the same for ever. */
export type SocketNameStyle = 'unique' | 'classic';

/**
 * The path of the socket that serves a resource.
 *
 * Classic names are upstream's `<namespace>-<resource>.sock`. Unique ones have `instance` behind them;
 * where the path would get too long for a unix socket a hash stands for the resource.
 *
 * @param instance - what makes the name unique: a few characters that are safe in a file name.
 * @throws DevicePluginError `SOCKET_PATH_TOO_LONG` when no name fits into `dir`.
 */
export function socketPath(dir: string, resourceName: string, style: SocketNameStyle, instance: string): string {
  const readable = resourceName.replace('/', '-');
  if (style === 'classic') return checkedSocketPath(join(dir, `${readable}.sock`), resourceName);
  const path = join(dir, `${readable}-${instance}.sock`);
  return fits(path) ? path : checkedSocketPath(join(dir, `${shortHash(resourceName)}-${instance}.sock`), resourceName);
}

/** Matches the file names that {@link socketPath} gives a resource in any process, for sweeping up what a killed one left. */
export function isSocketNameOf(fileName: string, resourceName: string): boolean {
  const instance = fileName.match(/-([0-9a-z]{8})\.sock$/)?.[1];
  if (instance === undefined) return false;
  const stem = fileName.slice(0, -`-${instance}.sock`.length);
  return stem === resourceName.replace('/', '-') || stem === shortHash(resourceName);
}

/** Returns the path. @throws DevicePluginError `SOCKET_PATH_TOO_LONG` */
export function checkedSocketPath(path: string, resourceName: string): string {
  if (fits(path)) return path;
  throw new DevicePluginError(
    'SOCKET_PATH_TOO_LONG',
    `the socket of ${resourceName} would be ${path} (${Buffer.byteLength(path)} bytes), but unix sockets take at most ${maxSocketPathBytes}: use a shorter -device-plugin-path or resource name`,
  );
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= maxSocketPathBytes;
}
