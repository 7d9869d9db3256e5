// SPDX-License-Identifier: Apache-2.0
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { DevicePluginError, isMissing } from '@kube-device-plugins/core';
import { bitstreamExtensions, type Bitstream } from './bitstream.ts';

/** Directory of the bitstreams of a node. Source: upstream, the same. */
export const bitstreamDirectory = '/srv/intel.com/fpga';

/** Where a bitstream belongs: `<directory>/<region>/<id>.gbs`. */
export function installedPath(
  directory: string,
  { interfaceId, uniqueId, extension }: Pick<Bitstream, 'interfaceId' | 'uniqueId' | 'extension'>,
): string {
  return join(directory, interfaceId, `${uniqueId}${extension}`);
}

/**
 * The installed bitstream for a region with this id. Both ids must have been found to be ids: they become a path.
 *
 * @throws DevicePluginError `PROGRAMMING_REFUSED` when there is none.
 */
export async function findBitstream(directory: string, interfaceId: string, uniqueId: string): Promise<string> {
  const paths = bitstreamExtensions.map((extension) => installedPath(directory, { interfaceId, uniqueId, extension }));
  for (const path of paths) if (await isThere(path)) return path;
  const message = `no bitstream is installed for region ${interfaceId} and function ${uniqueId}: looked for ${paths.join(' and ')}`;
  throw new DevicePluginError('PROGRAMMING_REFUSED', message);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw new DevicePluginError('BITSTREAM_INVALID', `cannot look at ${path}`, { cause });
  }
}
