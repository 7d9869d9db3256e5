// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevicePluginError } from '@kube-device-plugins/core';

/**
 * Makes a new directory where temporary files go, whose name begins with `prefix`.
 *
 * @throws DevicePluginError `FILE_WRITE` when that place cannot be used: it is of whoever runs the program, by TMPDIR.
 */
export function makeTemporaryDirectory(prefix: string): string {
  const place = tmpdir();
  try {
    return mkdtempSync(join(place, prefix));
  } catch (error) {
    const remedy = 'let the variable TMPDIR name a directory that can be written';
    throw new DevicePluginError('FILE_WRITE', `no temporary directory can be made in ${place}; ${remedy}`, {
      cause: error,
    });
  }
}
