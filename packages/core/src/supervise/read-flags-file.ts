// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fault, type FlagsFile } from '../cli/flags-file.ts';
import { nearestName } from '../cli/nearest-name.ts';
import { isMissing } from '../errors.ts';
import { log } from '../log/log.ts';

/** More than any plugin has flags for. */
const maxBytes = 64 * 1024;

/**
 * The file with the flags of a plugin. One that is not there is empty.
 *
 * @throws DevicePluginError `FLAG_INVALID` when it cannot be read, or has more than 64 KiB.
 */
export async function readFlagsFile(directory: string, plugin: string): Promise<FlagsFile> {
  const path = flagsFileOf(directory, plugin);
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw new Error('is not a regular file');
    if (stats.size > maxBytes) throw new Error(`has ${stats.size} bytes; at most ${maxBytes} are read`);
    return { path, text: await readFile(path, 'utf8') };
  } catch (error) {
    if (isMissing(error)) return { path, text: '' };
    throw fault(path, undefined, error);
  }
}

/**
 * Warns of files that look like flags or the configuration of a plugin and are of none that there is. Never rejects.
 *
 * @param known - path of a file that is neither and may be there as well.
 */
export async function warnOfUnknownFlagsFiles(
  directory: string,
  plugins: readonly string[],
  known: string,
): Promise<void> {
  for (const file of await readdir(directory).catch(() => [])) {
    const [, name, ending = ''] = /^(.+)(\.flags|\.yaml)$/.exec(file) ?? [];
    if (name === undefined || plugins.includes(name) || resolve(directory, file) === resolve(known)) continue;
    const nearest = nearestName(name, plugins);
    log.warn(ending === '.flags' ? 'no plugin has this flags file' : 'no plugin has this configuration file', {
      file: join(directory, file),
      nearest: nearest && join(directory, `${nearest}${ending}`),
    });
  }
}

function flagsFileOf(directory: string, plugin: string): string {
  return join(directory, `${plugin}.flags`);
}
