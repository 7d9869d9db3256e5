// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseOptions } from '../src/options.ts';
import { publishedImages } from './published-images.ts';

const root = join(import.meta.dirname, '../../..');
let bin: string;

beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), 'kdp-'));
});
afterEach(() => rm(bin, { recursive: true }));

function start(...args: string[]) {
  const main = join(root, 'tools/image/src/main.ts');
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: bin }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  return { child, ended: ended.then(([[code], stdout, stderr]) => ({ code: code as number | null, stdout, stderr })) };
}

describe('npm run image', () => {
  it('shows its help', async () => {
    const { code, stdout, stderr } = await start('--help').ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: npm run image -- PLUGIN[^]*^Plugins: .*gpu-plugin/m);
  });

  it.each([
    [[], 2, 'name a plugin (gpu-plugin)'],
    [['gpu-plugin', '--nonsense'], 2, "'--nonsense'"],
    [['npu-plugin'], 2, "there is no image for 'npu-plugin'; there are images for: "],
    [['gpu-plugin', '--init'], 2, 'gpu-plugin has no such image'],
    [['gpu-plugin', '--registry', 'UPPER'], 2, "not 'UPPER'"],
    [['gpu-plugin', '--archive', '/proc/x'], 1, '--archive: ENOENT'],
    [['gpu-plugin'], 1, 'none of docker, podman, buildah works here'],
  ])('ends after %j with %i', async (args, expected, message) => {
    const { code, stdout, stderr } = await start(...args).ended;
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(/^npm run image: /);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('names the remedy where there is no registry', async () => {
    await writeFile(join(bin, 'podman'), '#!/bin/sh\n[ "$1" = info ]\n');
    await chmod(join(bin, 'podman'), 0o755);
    const { code, stderr } = await start('gpu-plugin').ended;
    expect(code).toBe(1);
    expect(stderr).toContain('where the base cannot be had from its registry, say --local-base or --base');
  });

  it('ends a build with itself, and names the containers that it leaves', async () => {
    const log = JSON.stringify(join(bin, 'containers'));
    const builder = `#!${process.execPath}
const fs = require('node:fs');
const [, , command] = process.argv;
if (command === 'containers') console.log(fs.existsSync(${log}) ? 'aa\\nbb' : 'aa');
if (command === 'build') {
  fs.writeFileSync(${log}, '');
  process.on('SIGTERM', () => setTimeout(() => { console.error('cleaned up'); process.exit(1); }, 100));
  console.error('building');
  setInterval(() => {}, 1000);
}
`;
    await writeFile(join(bin, 'buildah'), builder);
    await chmod(join(bin, 'buildah'), 0o755);
    const { child, ended } = start('gpu-plugin');
    // It has a process of its own for the builder then, whose end closes our pipe.
    await once(child.stderr, 'readable');
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    expect(code).toBe(128 + 15);
    expect(stderr).toMatch(/^building\ncleaned up\ncontainers that are new .*: buildah rm bb\n$/);
  });
});

describe('docs/guides/build-images.md', () => {
  it('has every published image with its commands', async () => {
    const guide = await readFile(join(root, 'docs/guides/build-images.md'), 'utf8');
    for (const { name, plugin, entrypoint, commands } of await publishedImages(root)) {
      const row = guide.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? '';
      expect(row).toContain(`| ${plugin} `);
      expect(row).toContain(`\`/usr/local/bin/${entrypoint}\``);
      for (const command of Object.keys(commands)) expect(row).toMatch(new RegExp(`[\`/]${command}\``));
    }
  });

  it('shows commands that are understood', async () => {
    const guide = await readFile(join(root, 'docs/guides/build-images.md'), 'utf8');
    const commands = [...guide.matchAll(/^npm run image -- (.*?)(?: +#.*)?$/gm)].map(([, args = '']) =>
      args.split(' '),
    );
    expect(commands.length).toBeGreaterThan(4);
    for (const args of commands) expect(parseOptions(args, 'amd64')).toHaveProperty('options');
  });
});
