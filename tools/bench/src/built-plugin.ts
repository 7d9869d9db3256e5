// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownVariants, type OwnFlags, type Variant } from './variant.ts';

/** What `npm run build` makes of a plugin. */
export function builtPlugin(name: string): string {
  return join(import.meta.dirname, '../../../dist', name, 'main.mjs');
}

/** The bundle of a plugin as it is measured, with the compile cache that is beside it, if there is one. */
export function bundleVariants(bundle: string, flags?: OwnFlags): Variant[] {
  const cache = join(dirname(bundle), 'compile-cache');
  return ownVariants(process.execPath, bundle, existsSync(cache) ? cache : undefined, flags);
}
