// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { buildPlugin } from './build-plugin.ts';

// `npm run build` calls this once for each project with the tag type:plugin, through nx and its cache.
const [name] = process.argv.slice(2);
if (name === undefined) {
  console.error('usage: main.ts <folder in packages/>');
  process.exitCode = 2;
} else {
  const root = join(import.meta.dirname, '../../..');
  const { bytes, mapBytes, cacheBytes } = await buildPlugin(root, name);
  const cache =
    cacheBytes === undefined ? 'no compile cache: the bundle did not start here' : `compile cache ${kb(cacheBytes)}`;
  console.log(`dist/${name}/main.mjs ${kb(bytes)}, map ${kb(mapBytes)}, ${cache}`);
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
