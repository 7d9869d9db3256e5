// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '../src/main.ts');

describe('kdp on a full disk', () => {
  // Help is written at once, a list when something has been awaited.
  it.each([[['--help']], [['conformance', '--list']]])('says so in a line: %j', async (args) => {
    await using full = await open('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [main, ...args], {
      stdio: ['ignore', full.fd, 'pipe'],
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/^cannot write to standard output: ENOSPC: no space left on device, write\n$/);
    expect(status).toBe(1);
  });
});
