// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DevicePluginError } from '@kube-device-plugins/core';

/**
 * The directory of `--prefix`, absolute. In one that is mistyped there would be no devices, which looks like a host without any.
 *
 * @throws DevicePluginError `FLAG_INVALID` when it is no directory, or cannot be looked at.
 */
export async function prefixDirectory(prefix: string): Promise<string> {
  const path = resolve(prefix);
  const isDirectory = await stat(path).then(
    (stats) => stats.isDirectory(),
    (cause: unknown) => {
      throw new DevicePluginError('FLAG_INVALID', '--prefix must be a directory', { cause });
    },
  );
  if (!isDirectory) throw new DevicePluginError('FLAG_INVALID', `--prefix must be a directory: ${path} is none`);
  return path;
}
