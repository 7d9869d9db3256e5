// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const packageDir = join(import.meta.dirname, '..');
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

describe('README.md', () => {
  it('examines a plugin by one command', { timeout: 120_000 }, async () => {
    const [file = '', ...args] = block('sh').trim().split(' ');
    const { stdout } = await promisify(execFile)(file, args, options);
    expect(stdout).toMatch(/^passed {2}ST-01 .* serves its socket before it registers$/m);
    expect(stdout.trim().split('\n').at(-1)).toBe(block('text').trim().split('\n').at(-1));
  });

  it('examines one with a file of hooks', { timeout: 120_000 }, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'kdp-'));
    try {
      const subject = join(dir, 'subject.json');
      await writeFile(subject, block('json'));
      const args = ['src/main.ts', '--subject', subject, '--only', 'HE-01,HE-02,SD-09', '--format', 'junit'];
      const { stdout } = await promisify(execFile)('node', args, options);
      expect(stdout).toContain('<testsuites tests="3" failures="0" skipped="0">');
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('is right about exit codes', { timeout: 120_000 }, async () => {
    const failing = ['src/main.ts', '--resource', 'a.b/c', '--only', 'RB-10', '--', 'true'];
    await expect(promisify(execFile)('node', failing, options)).rejects.toMatchObject({ code: 1 });
    await expect(promisify(execFile)('node', ['src/main.ts', '--bogus'], options)).rejects.toMatchObject({ code: 2 });
  });
});
