// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Sees to it before the first measurement that what is written after the last one has a place. Writes nothing.
 *
 * @throws RangeError
 */
export function checkOutputFile(option: '--json' | '--svg', file: string | undefined): void {
  if (file === undefined) return;
  try {
    accessSync(dirname(file), constants.W_OK);
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) throw new Error('it is a directory');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RangeError(`${option} ${file} cannot be written: ${reason}; name a file in a directory that is there`, {
      cause: error,
    });
  }
}
