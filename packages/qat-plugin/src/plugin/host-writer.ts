// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { DevicePluginError, fileWork, type Host } from '@kube-device-plugins/core';

/** The one way to change the host. Paths are given as the host names them: `/sys/bus/pci`. */
export interface HostWriter {
  /**
   * Writes `text` to a file that is there: files of sysfs are never made.
   * Rejects with `HOST_UNWRITABLE` and the path; what the kernel objects to is the cause, e.g. `EINVAL`.
   */
  write(path: string, text: string): Promise<void>;
}

/**
 * Writes below the root of `host`, which it does not leave over symlinks.
 * Other than reads, a write may take a while (binding a driver resets the device), so it does not hold up the process.
 */
export function hostWriter(host: Host): HostWriter {
  return {
    async write(path, text) {
      try {
        if (host.isReadOnly) throw new Error('the host is only looked at');
        const real = await host.realPath(path);
        if (real === undefined) throw new Error('it does not exist');
        await writeAtOnce(host.path(real), text);
      } catch (cause) {
        throw new DevicePluginError('HOST_UNWRITABLE', `cannot write ${JSON.stringify(text)} to ${host.path(path)}`, {
          cause,
        });
      }
    },
  };
}

/** In a single write(2), for each one is a command to sysfs (Linux, Documentation/filesystems/sysfs.rst). */
async function writeAtOnce(path: string, text: string): Promise<void> {
  await fileWork(async () => {
    await using file = await open(path, constants.O_WRONLY | constants.O_TRUNC);
    await file.write(text);
  });
}
