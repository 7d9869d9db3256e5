// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { DevicePluginError } from '../errors.ts';
import { kubeletSocketName, maxSocketPathBytes } from '../kubelet-api/constants.ts';
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
  if (stem === resourceName.replace('/', '-')) return true;
  // Of hundreds of sockets, few have a name as short as that.
  return stem.length === 8 && stem === shortHash(resourceName);
}

/** Returns the path. @throws DevicePluginError `SOCKET_PATH_TOO_LONG` */
export function checkedSocketPath(path: string, resourceName: string): string {
  if (fits(path)) return path;
  throw tooLong(`the socket of ${resourceName}`, path, `a shorter ${directoryFlag} or resource name`);
}

/** @throws DevicePluginError `SOCKET_PATH_TOO_LONG` when sockets have no room in `dir`, whatever their resource. */
export function checkSocketDirectory(dir: string, style: SocketNameStyle): void {
  // With a classic name there may be no room for one resource and room for another, but never without room for the kubelet's socket.
  const path = join(dir, style === 'unique' ? `${shortHash('')}-${shortHash('')}.sock` : kubeletSocketName);
  if (!fits(path)) throw tooLong('a socket', path, `a shorter ${directoryFlag}`);
}

function tooLong(what: string, path: string, remedy: string): DevicePluginError {
  return new DevicePluginError(
    'SOCKET_PATH_TOO_LONG',
    `${what} would be ${path} (${Buffer.byteLength(path)} bytes), but unix sockets take at most ${maxSocketPathBytes}: use ${remedy}`,
  );
}

/** What names the directory of the sockets. */
export const directoryFlag = '-device-plugin-path (with -registration=watcher -plugins-registry-path)';

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= maxSocketPathBytes;
}
