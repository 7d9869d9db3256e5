// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lockedPackage } from '../local-base/locked-package.ts';
import { type Architecture, architectures } from '../options.ts';
import type { Run } from '../run-command.ts';

/**
 * The folder with the native files of a plugin's programs for another architecture than this machine's, for which npm has installed
 * none; undefined where no program has such a file.
 */
export async function foreignNatives(
  root: string,
  plugin: string,
  architecture: Architecture,
  options: Run & { readonly cache: string },
): Promise<string | undefined> {
  if (!existsSync(join(root, 'dist', plugin, 'koffi.node'))) return undefined;
  const arch = architectures[architecture];
  const folder = await lockedPackage(root, `@koromix/koffi-linux-${arch}`, options.cache, options);
  return join(folder, `linux_${arch}`);
}
