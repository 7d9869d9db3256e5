// SPDX-License-Identifier: Apache-2.0
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageError } from '../image-error.ts';
import { type Architecture, architectures } from '../options.ts';
import { foreignNatives } from './foreign-natives.ts';

// A stage of a Dockerfile runs this, whose image may be for another architecture than the machine that builds: the native file in dist/
// becomes the one for that.
const [plugin = '', architecture = ''] = process.argv.slice(2);
const root = join(import.meta.dirname, '../../../..');
try {
  if (!Object.hasOwn(architectures, architecture)) throw new ImageError(`there are no images for '${architecture}'`);
  const wanted = architecture as Architecture;
  const options = { cwd: root, cache: join(root, 'node_modules/.cache/image'), signal: new AbortController().signal };
  const folder =
    architectures[wanted] === process.arch ? undefined : await foreignNatives(root, plugin, wanted, options);
  if (folder !== undefined) await copyFile(join(folder, 'koffi.node'), join(root, 'dist', plugin, 'koffi.node'));
} catch (error) {
  if (!(error instanceof ImageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
