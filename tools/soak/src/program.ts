// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How the image starts a bundle: with Node's flag of its first line, the variables of the image, and the code cache that is beside it, if there is one. */
export function builtProgram(file: string): {
  readonly program: readonly string[];
  readonly env: Record<string, string>;
} {
  const warm = join(dirname(file), 'warm/main.mjs');
  return {
    program: ['--max-semi-space-size=1', existsSync(warm) ? warm : file],
    env: {
      NODE_NAME: 'soak',
      NODE_OPTIONS: '--use-openssl-ca',
      MALLOC_ARENA_MAX: '1',
    },
  };
}
