// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePluginDirectory, removePluginDirectory } from './plugin-directory.ts';

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'kdp-'));
});

afterEach(async () => await rm(parent, { recursive: true, maxRetries: 100, retryDelay: 1 }));

/** Makes a file again as often as it can; another process, since this one stands still while it removes. */
const restless = `
  const fs = require('node:fs');
  process.send('ready');
  for (;;) try { fs.writeFileSync(process.argv[1], ''); } catch {}
`;

describe('removePluginDirectory()', () => {
  it('removes it also while a plugin goes on making its socket there', async () => {
    const dir = join(parent, 'plugins');
    const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const;
    const plugin = spawn(process.execPath, ['-e', restless, join(dir, 'a.sock')], { stdio: [...stdio] });
    await once(plugin, 'message');
    try {
      for (let round = 0; round < 50; round += 1) {
        makePluginDirectory(dir);
        for (let index = 0; index < 20; index += 1) writeFileSync(join(dir, String(index)), '');
        removePluginDirectory(dir);
        expect(existsSync(dir)).toBe(false);
      }
    } finally {
      plugin.kill('SIGKILL');
      await once(plugin, 'exit');
    }
  });
});
