// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { build } from 'esbuild';

// `npm run build` calls this: dist/image/assemble.mjs is for a place that has Node and no node_modules.
const root = join(import.meta.dirname, '../../../..');
await build({
  absWorkingDir: root,
  entryPoints: ['tools/image/src/assemble/main.ts'],
  outfile: 'dist/image/assemble.mjs',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  logLevel: 'warning',
});
