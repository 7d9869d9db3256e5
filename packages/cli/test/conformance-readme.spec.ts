// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { defaultBudgets } from '@kube-device-plugins/testkit';

const packageDir = join(import.meta.dirname, '../../testkit');
const kdp = join(import.meta.dirname, '../src/main.ts');
const readme = await readFile(join(packageDir, 'README.md'), 'utf8');
const options = {
  cwd: packageDir,
  timeout: 110_000,
  // "node" is the one that runs this.
  env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` },
};

function block(language: string): string {
  const found = readme.match(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms'))?.[1];
  if (found === undefined) throw new Error(`README.md has no block of ${language}`);
  return found;
}

describe('README.md of the test kit', () => {
  it('examines a plugin by one command', { timeout: 120_000 }, async () => {
    const [file = '', ...args] = block('sh').trim().split(' ');
    const { stdout } = await promisify(execFile)(file, args, { ...options, cwd: join(packageDir, '../..') });
    const shown = block('text').trim().split('\n');
    const lines = stdout.trim().split('\n');
    expect(lines).toContainEqual(
      expect.stringMatching(/^ST-01 {2}must {4}passed .* serves its socket before it registers$/),
    );
    expect(lines).toContain(shown[0]);
    expect(lines.slice(lines.lastIndexOf('') + 1)).toEqual(shown.slice(shown.indexOf('') + 1));
  });

  it('examines one with a file of hooks', { timeout: 120_000 }, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'kdp-'));
    try {
      const subject = join(dir, 'subject.json');
      await writeFile(subject, block('json'));
      const args = [kdp, 'conformance', '--subject', subject, '--only', 'HE-01,HE-02,SD-09', '--format', 'junit'];
      const { stdout } = await promisify(execFile)('node', args, options);
      expect(stdout).toContain('<testsuites tests="3" failures="0" errors="0" skipped="0">');
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('has all budgets with their defaults', () => {
    const rows = [...readme.matchAll(/^\| `(\w+Ms)` +\| `([^`]+)`/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]);
    const defaults = Object.entries(defaultBudgets);
    expect(rows.map(([name, value = '']) => [name, JSON.parse(value) as unknown])).toEqual(defaults);
  });

  it('is right about exit codes', { timeout: 120_000 }, async () => {
    const exitCode = async (...args: string[]): Promise<unknown> =>
      await promisify(execFile)(
        'node',
        [kdp, 'conformance', '--resource', 'a.b/c', '--only', 'RB-10', ...args],
        options,
      ).then(
        () => 0,
        (error: unknown) => (error as { code: unknown }).code,
      );
    expect(await exitCode('--list')).toBe(0);
    expect(await exitCode('--', 'true', '{dir}')).toBe(1);
    expect(await exitCode('--bogus')).toBe(2);
    expect(await exitCode('--', 'true')).toBe(2);
    expect(await exitCode('--subject', '/nowhere.json')).toBe(2);
  });
});
