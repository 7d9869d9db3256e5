// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { ImageError } from '../image-error.ts';
import { type Architecture, architectures } from '../options.ts';
import { assemble } from './assemble.ts';

// A stage of the Dockerfiles runs this on the base of the image, which has Node and nothing else.
const [from = '', to = ''] = process.argv.slice(2);
const { PLUGIN = '', KIND, TARGETARCH = '' } = process.env;
try {
  if (!Object.hasOwn(architectures, TARGETARCH))
    throw new ImageError(
      `TARGETARCH is '${TARGETARCH}', and there are images for: ${Object.keys(architectures).join(', ')}`,
    );
  const bytes = await assemble({
    from: join(from, PLUGIN),
    natives: join(from, PLUGIN),
    to,
    plugin: PLUGIN,
    kind: KIND === 'init' ? 'init' : 'plugin',
    node: process.execPath,
    arch: { image: architectures[TARGETARCH as Architecture], here: process.arch },
  });
  console.log(bytes === undefined ? 'no code cache' : `code cache: ${(bytes / 1000).toFixed(1)} kB`);
} catch (error) {
  if (!(error instanceof ImageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
