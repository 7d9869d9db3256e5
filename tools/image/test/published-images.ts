// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImageDefinition, readImageDefinitions } from '../src/image-definition.ts';

/** The images of plugins that README.md names: another one is not for others yet, and a new one edits nothing but its own folders. */
export async function publishedImages(root: string): Promise<readonly ImageDefinition[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const definitions = await readImageDefinitions(root, 'all', ['plugin', 'init']);
  return definitions.filter(({ plugin }) => readme.includes(`](packages/${plugin}/README.md)`));
}
