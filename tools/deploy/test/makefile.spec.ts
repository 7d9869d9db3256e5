// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { findProgram } from '../src/find-program.ts';

const root = join(import.meta.dirname, '../../..');
const path = process.env.PATH ?? '';
const make = findProgram('make', path);
if (make === undefined) console.warn('SKIPPED: the Makefile is not tried: there is no make in PATH: install it');

describe.skipIf(make === undefined)('Makefile', () => {
  it.each([
    [['build'], 'npm run build'],
    [['deploy'], "npm run deploy -- 'simple-plugin'"],
    [['undeploy', 'PLUGIN=gpu-plugin', 'OVERLAY=health'], "npm run undeploy -- 'gpu-plugin' --overlay 'health'"],
    [['image', 'PLUGIN=qat-plugin', 'TAG=1'], "npm run image -- 'qat-plugin' --tag '1'"],
    [['images', 'IMAGE_FLAGS=--local-base --init'], 'npm run image -- --all --local-base --init'],
    [
      ['deploy', 'NUMBER_DEVICES=4', 'NAMESPACE=a', "ENV_PREFIX=it's"],
      "npm run deploy -- 'simple-plugin' --set 'NAMESPACE=a' --set 'NUMBER_DEVICES=4' --set 'ENV_PREFIX=it'\\''s'",
    ],
  ])('%j runs %s', async (args, command) => {
    const { stdout } = await promisify(execFile)(make ?? '', ['--dry-run', ...args], {
      cwd: root,
      env: { PATH: path },
    });
    expect(stdout.trim().replaceAll(/ +/g, ' ')).toBe(command);
  });

  it('has each of its targets in its help', async () => {
    const { stdout } = await promisify(execFile)(make ?? '', ['help'], { cwd: root, env: { PATH: path } });
    const makefile = await readFile(join(root, 'Makefile'), 'utf8');
    const targets = /^\.PHONY: all help (.*)$/m.exec(makefile)?.[1]?.split(' ') ?? [];
    expect(targets).toContain('images');
    for (const target of targets) expect(stdout).toMatch(new RegExp(`\\b${target}\\b`));
  });

  it('takes parameters from the environment as well', async () => {
    const env = { PATH: path, VERBOSITY: '4' };
    const { stdout } = await promisify(execFile)(make ?? '', ['--dry-run', 'deploy'], { cwd: root, env });
    expect(stdout).toContain("--set 'VERBOSITY=4'");
  });
});
