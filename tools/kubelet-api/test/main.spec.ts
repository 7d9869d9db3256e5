// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { usage } from '../src/options.ts';

const main = join(import.meta.dirname, '../src/main.ts');
const newer = join(import.meta.dirname, 'fixtures/newer.proto');

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
}

describe('npm run kubelet-api:update', () => {
  it('prints its help', () => {
    expect(run('--help')).toMatchObject({ status: 0, stdout: usage, stderr: '' });
  });

  it('ends with 2 for a wrong command line', () => {
    const { status, stderr } = run('v1.38.0');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^kubelet-api:update: .*--proto FILE\n.*--help/);
  });

  it('ends with 0 after a dry run, and with 1 for what is refused', () => {
    expect(run('v99.0.0', '--proto', newer, '--dry-run')).toMatchObject({ status: 0, stderr: '' });
    const { status, stderr } = run('v99.0.0', '--proto', '/nowhere', '--dry-run');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^kubelet-api:update: \/nowhere cannot be read/);
  });
});
