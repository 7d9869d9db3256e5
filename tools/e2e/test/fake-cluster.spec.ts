// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeCluster } from '../src/fake-cluster.ts';
import type { PluginUnderTest } from '../src/plugin-under-test.ts';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kdp-'));
  mkdirSync(join(root, 'dist/x-plugin'), { recursive: true });
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

/** A cluster with a plugin of this text. */
function clusterOf(main: string, rest: Partial<PluginUnderTest> = {}): FakeCluster {
  writeFileSync(join(root, 'dist/x-plugin/main.mjs'), main);
  const image = { name: 'x', newName: 'x', newTag: '1' };
  const settings = { root, image, toolsImage: 'busybox', engine: undefined, hasCluster: false };
  const pod = { limits: {}, devices: [] };
  return new FakeCluster({ plugin: 'x-plugin', nodes: 'host', resources: {}, pod, ...rest }, settings);
}

describe('FakeCluster', () => {
  it('says what a plugin that has ended by itself wrote', async () => {
    const cluster = clusterOf(`console.error('no such flag'); process.exitCode = 2;`);
    await cluster.deploy();
    const looking = async (): Promise<string> => await cluster.allocatable('a.b/c').then(String, String);
    await expect.poll(looking).toContain('the plugin ended by itself with exit code 2: no such flag');
    await cluster.close();
  });

  it('wants a plugin to end in good order', async () => {
    const cluster = clusterOf(`process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000);`);
    await cluster.deploy();
    // Until it listens to signals, one ends it without an exit code.
    await expect.poll(() => cluster.remove().then(String, String)).toMatch(/exit code (7|null)/);
    await cluster.close();
  });

  it('gives the plugin its files, and has the hardware made before', async () => {
    writeFileSync(join(root, 'dist/x-plugin/make.mjs'), `(await import('node:fs')).writeFileSync('made', '')`);
    const report = `
      const { readFileSync, readdirSync, writeFileSync } = await import('node:fs');
      const [prefix, file] = [process.argv[process.argv.indexOf('-prefix') + 1], process.argv.at(-1)];
      writeFileSync(${JSON.stringify(join(root, 'report'))}, readFileSync(file, 'utf8') + readdirSync(prefix));
    `;
    const cluster = clusterOf(report, {
      hardwareProgram: { bundle: 'make', command: 'make', args: [] },
      files: { 'a.yaml': 'text ' },
      flags: ['{files}/a.yaml'],
    });
    await cluster.deploy();
    await expect.poll(() => readdirSync(root)).toContain('report');
    await cluster.close();
  });
});
