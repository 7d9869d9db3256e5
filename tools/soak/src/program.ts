// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How the image starts a bundle: with Node's flag of its first line, the variables of the image, and the cache that is beside it. */
export function builtProgram(file: string): {
  readonly program: readonly string[];
  readonly env: Record<string, string>;
} {
  const cache = join(dirname(file), 'compile-cache');
  return {
    program: ['--max-semi-space-size=1', file],
    env: {
      NODE_NAME: 'soak',
      NODE_OPTIONS: '--use-openssl-ca',
      ...(existsSync(cache) && { NODE_COMPILE_CACHE: cache, NODE_COMPILE_CACHE_PORTABLE: '1' }),
      MALLOC_ARENA_MAX: '1',
    },
  };
}
