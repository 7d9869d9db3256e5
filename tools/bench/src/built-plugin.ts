// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownVariants, type OwnFlags, type Variant } from './variant.ts';

/** What `npm run build` makes of a plugin. */
export function builtPlugin(name: string): string {
  return join(import.meta.dirname, '../../../dist', name, 'main.mjs');
}

/** The bundle of a plugin as it is measured, with the program beside it that starts from a code cache, if there is one. */
export function bundleVariants(bundle: string, flags?: OwnFlags): Variant[] {
  const warm = join(dirname(bundle), 'warm/main.mjs');
  return ownVariants(process.execPath, bundle, existsSync(warm) ? warm : undefined, flags);
}
