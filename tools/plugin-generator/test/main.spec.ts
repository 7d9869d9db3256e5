// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '../src/main.ts');

describe('the program', () => {
  it('says what it can do, and ends with 0', () => {
    const { status, stdout } = spawnSync(process.execPath, [main, '--help'], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^npx nx run gpu-plugin:checklist/);
  });

  it('says what is wrong with its command line, and ends with 2', () => {
    const { status, stderr } = spawnSync(process.execPath, [main, 'gpu-plugin', '--skip', 'nothing'], {
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toContain("there is no item 'nothing'");
  });

  it('ends with 1 when there is no such plugin', () => {
    const { status, stderr } = spawnSync(process.execPath, [main, 'no-such-plugin'], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('npx nx g @kube-device-plugins/plugin makes a plugin');
  });

  it('prints a table, and ends with 0 when nothing has failed', () => {
    const slow = ['build', 'image', 'manifests', 'tests', 'lint', 'e2e', 'readme'].flatMap((item) => ['--skip', item]);
    const { status, stdout } = spawnSync(process.execPath, [main, 'gpu-plugin', ...slow], { encoding: 'utf8' });
    expect(stdout).toMatch(/^9 {2}a NodeFeatureRule finds the nodes +passed/m);
    expect(status).toBe(0);
  });
});
