// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { ImageError } from '../image-error.ts';
import { type Architecture, architectures } from '../options.ts';
import { addForeignNatives } from './foreign-natives.ts';

// A stage of a Dockerfile runs this, whose image may be for another architecture than the machine that builds.
const [plugin = '', architecture = ''] = process.argv.slice(2);
const root = join(import.meta.dirname, '../../../..');
try {
  if (!Object.hasOwn(architectures, architecture)) throw new ImageError(`there are no images for '${architecture}'`);
  const wanted = architecture as Architecture;
  const options = { cwd: root, cache: join(root, 'node_modules/.cache/image'), signal: new AbortController().signal };
  if (architectures[wanted] !== process.arch) await addForeignNatives(root, plugin, wanted, options);
} catch (error) {
  if (!(error instanceof ImageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
