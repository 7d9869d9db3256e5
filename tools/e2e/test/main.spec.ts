// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '../src/main.ts');

describe('the program', () => {
  it('says what it can do, and ends with 0', () => {
    const { status, stdout } = spawnSync(process.execPath, [main, '--help'], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^npm run e2e -- \[options\]/);
  });

  it('says what is wrong with its command line, and ends with 2', () => {
    const { status, stderr } = spawnSync(process.execPath, [main, 'no-such-plugin'], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain('there is no test/e2e/no-such-plugin.e2e.ts');
  });

  it.each([
    [['--engine', 'no-such-engine', 'gpu-plugin'], {}, 2, /^npm run e2e: no program no-such-engine .*\n$/],
    [['--engine', 'no-such-engine', 'all'], {}, 2, /^npm run e2e: no program no-such-engine .*\n$/],
    [['simple-plugin'], { KUBECONFIG: '/no-such' }, 1, /^npm run e2e: there is no file \/no-such.*\n$/],
  ])('says in one line what %o with %o lacks, before any test', (args, env, code, message) => {
    const options = { encoding: 'utf8', env: { ...process.env, ...env } } as const;
    const { status, stderr, stdout } = spawnSync(process.execPath, [main, ...args], options);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(status).toBe(code);
  });
});
