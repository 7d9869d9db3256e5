// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lockedPackage } from '../local-base/locked-package.ts';
import { type Architecture, architectures } from '../options.ts';
import type { Run } from '../run-command.ts';

/**
 * Puts the native file of a plugin's programs beside the one in dist/ that is for this machine, in a folder with the name of its
 * architecture: npm has installed none for another one. Nothing where no program has such a file.
 */
export async function addForeignNatives(
  root: string,
  plugin: string,
  architecture: Architecture,
  options: Run & { readonly cache: string },
): Promise<void> {
  const dist = join(root, 'dist', plugin);
  if (!existsSync(join(dist, 'koffi.node'))) return;
  const arch = architectures[architecture];
  const folder = await lockedPackage(root, `@koromix/koffi-linux-${arch}`, options.cache, options);
  await mkdir(join(dist, arch), { recursive: true });
  await copyFile(join(folder, `linux_${arch}/koffi.node`), join(dist, arch, 'koffi.node'));
}
