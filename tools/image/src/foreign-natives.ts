// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageDefinition } from './image-definition.ts';
import { lockedPackage } from './local-base/locked-package.ts';
import { type Architecture, architectures } from './options.ts';
import type { Run } from './run-command.ts';

/**
 * Puts the native file of the programs of an image beside the one in dist/ that is for this machine, in a folder with the name of
 * its architecture: npm has installed none for another one.
 */
export async function addForeignNatives(
  root: string,
  { plugin, kind }: ImageDefinition,
  architecture: Architecture,
  cache: string,
  options: Run,
): Promise<void> {
  const dist = join(root, 'dist', plugin);
  if (kind !== 'init' || !existsSync(join(dist, 'koffi.node'))) return;
  const arch = architectures[architecture];
  const folder = await lockedPackage(root, `@koromix/koffi-linux-${arch}`, cache, options);
  await mkdir(join(dist, arch), { recursive: true });
  await copyFile(join(folder, `linux_${arch}/koffi.node`), join(dist, arch, 'koffi.node'));
}
