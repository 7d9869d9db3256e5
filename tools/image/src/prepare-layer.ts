// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { assemble } from './assemble/assemble.ts';
import type { ImageDefinition } from './image-definition.ts';
import { foreignNatives } from './natives/foreign-natives.ts';
import { type Architecture, architectures } from './options.ts';
import type { Run } from './run-command.ts';

/** Puts the last layer of an image together in the folder `to`, for an architecture of which nothing can be run here. */
export async function prepareLayer(
  root: string,
  to: string,
  { plugin, kind }: ImageDefinition,
  architecture: Architecture,
  options: Run & { readonly cache: string },
): Promise<void> {
  const from = join(root, 'dist', plugin);
  const natives = (await foreignNatives(root, plugin, architecture, options)) ?? from;
  const arch = { image: architectures[architecture], here: process.arch };
  await assemble({ from, natives, to, plugin, kind, node: '/nodejs/bin/node', arch });
}
