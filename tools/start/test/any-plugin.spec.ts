// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, isAlive, pluginFile, type World } from './world.ts';

const mainFile = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));

let world: World;
let colors = '';
let example = '';

beforeEach(async () => {
  world = await createWorld();
  colors = join(world.directory, 'colors');
  await mkdir(colors);
  // Below the workspace, so that the example finds the package it imports by name.
  await mkdir(join(root, 'dist'), { recursive: true });
  example = join(await mkdtemp(join(root, 'dist', 'start-')), 'color-plugin.ts');
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(await readFile(join(root, 'README.md'), 'utf8')) ?? [];
  await writeFile(example, code);
});

afterEach(async () => {
  await rm(join(example, '..'), { recursive: true });
  expect(await world.end(), 'left behind').toEqual([]);
});

/** A run of the program until its end. */
async function run(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [mainFile, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...said };
}

describe('npm start -- --plugin', () => {
  it("runs the README's plugin with the flags behind --", async () => {
    for (const color of ['red-1', 'yellow-1']) await writeFile(join(colors, color), '');
    const { status, stdout, stderr } = await run('--once', '--plugin', example, '--', '-dir', colors);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^color-plugin \(pid \d+\) with the embedded kubelet/);
    expect(stdout).toMatch(/^color.example.com\/red +red-1 +Healthy +- +\S+\/red-1 +demo-1\/main$/m);
    expect(stdout).toMatch(/^color.example.com\/yellow +yellow-1 +Healthy +- +\S+\/yellow-1 +-$/m);
    expect(stdout).toContain('Container main of pod demo-1 got color.example.com/red red-1:\n');
  });

  it('says that a plugin has no devices, and what they are when they come', async () => {
    const child = spawn(process.execPath, [mainFile, '--plugin', example, '--', '-dir', colors]);
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    await expect.poll(() => stdout, { timeout: 15_000 }).toContain('\ncolor-plugin lists no devices yet.\n');
    await writeFile(join(colors, 'red-1'), '');
    await expect.poll(() => stdout).toContain('color.example.com/red listed 1 device\n');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  it('ends with --once where there is nothing to allocate', async () => {
    const { status, stderr } = await run('--once', '--plugin', example, '--', '-dir', colors);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^npm start: after 5 s the plugin has found no devices/);
  });

  it('passes on what a plugin says of flags that it does not have', async () => {
    const { status, stderr } = await run('--plugin', example, '--', '-colour', 'red');
    expect(status).toBe(1);
    expect(stderr).toContain('ended with exit status 2');
    expect(stderr).toContain('-colour');
  });

  it('gives the simple plugin no devices when a configuration is given', async () => {
    const config = join(world.directory, 'config.yaml');
    await writeFile(config, 'resourceName: example.com/mine\n');
    const { status, stdout } = await run('--once', '--plugin', pluginFile, '--', '-config', config);
    expect(status).toBe(0);
    expect(stdout).toContain('got example.com/mine simple-device-local-');
    expect(stdout).not.toContain('this one is simulated');
  });
});

describe('npm start | head', () => {
  it('ends soon after its reader, although it has nothing to write', async () => {
    // The reader takes the whole table, and goes.
    const reader = `while read -r line; do echo "$line"; case $line in *local-1*) exit;; esac; done`;
    const shell = spawn('bash', [
      '-c',
      `"${process.execPath}" "${mainFile}" --plugin "${pluginFile}" | { ${reader}; }`,
    ]);
    let stdout = '';
    shell.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    expect(await once(shell, 'close')).toEqual([0, null]);
    expect(stdout).toContain('simple-device-local-1');
    expect(isAlive(Number(/pid (\d+)/.exec(stdout)?.[1]))).toBe(false);
  });
});
