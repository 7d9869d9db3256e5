// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assemble } from './assemble/assemble.ts';
import type { ImageDefinition } from './image-definition.ts';
import { addForeignNatives } from './natives/foreign-natives.ts';
import { type Architecture, architectures } from './options.ts';
import type { Run } from './run-command.ts';

/** Puts the last layer of an image together in dist/, for an architecture of which nothing can be run here. */
export async function prepareLayer(
  root: string,
  { plugin, kind }: ImageDefinition,
  architecture: Architecture,
  cache: string,
  options: Run,
): Promise<void> {
  await addForeignNatives(root, plugin, architecture, { ...options, cache });
  const from = join(root, 'dist', plugin);
  const to = join(from, `${kind === 'init' ? 'init-' : ''}layer-${architecture}`);
  await rm(to, { recursive: true, force: true });
  const arch = { image: architectures[architecture], here: process.arch };
  await assemble({ from, to, plugin, kind, node: '/nodejs/bin/node', arch });
}
