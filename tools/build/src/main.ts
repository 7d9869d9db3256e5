// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildPlugin } from './build-plugin.ts';

// `npm run build` calls this once for each project with the tag type:plugin, type:host or type:cli, through nx and its cache.
const [name] = process.argv.slice(2);
if (name === undefined) {
  console.error('usage: main.ts <folder in packages/>');
  process.exitCode = 2;
} else {
  const root = join(import.meta.dirname, '../../..');
  const { programs, cacheBytes } = await buildPlugin(root, name);
  for (const program of programs)
    console.log(`dist/${name}/${program.name} ${kb(program.bytes)}, map ${kb(program.mapBytes)}`);
  const isService = existsSync(join(root, 'dist', name, 'package.json'));
  const cache = cacheBytes === undefined ? 'none: the bundle did not start here' : kb(cacheBytes);
  if (isService) console.log(`dist/${name}/warm, code cache ${cache}`);
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
