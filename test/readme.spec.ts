// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeKubelet } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');

describe('the example in README.md', () => {
  let workDir: string;
  let exampleDir: string;
  let kubelet: FakeKubelet;
  let plugin: ChildProcess | undefined;

  beforeEach(async () => {
    workDir = await mkdtemp(join(tmpdir(), 'kdp-'));
    // Below the workspace, so that the example finds the package it imports by name.
    await mkdir(join(root, 'dist'), { recursive: true });
    exampleDir = await mkdtemp(join(root, 'dist', 'readme-'));
    kubelet = new FakeKubelet({ dir: join(workDir, 'kubelet') });
    await kubelet.start();
  });

  afterEach(async () => {
    plugin?.kill('SIGKILL');
    await kubelet.stop();
    await rm(workDir, { recursive: true });
    await rm(exampleDir, { recursive: true });
  });

  it('has fewer than 20 lines', async () => {
    expect((await exampleText()).trimEnd().split('\n').length).toBeLessThan(20);
  });

  it('publishes one resource for each colour, and follows colours that come and go', async () => {
    const colors = join(workDir, 'colors');
    await mkdir(colors);
    await writeFile(join(colors, 'yellow-1'), '');
    await writeFile(join(colors, 'yellow-2'), '');
    plugin = await startExample(colors);
    await kubelet.waitFor({ resource: 'color.example.com/yellow', devices: 2 }, { timeoutMs: 10_000 });

    await writeFile(join(colors, 'red-1'), '');
    await kubelet.waitFor({ resource: 'color.example.com/red', devices: 1 }, { timeoutMs: 10_000 });

    await rm(join(colors, 'yellow-1'));
    await rm(join(colors, 'yellow-2'));
    await kubelet.waitFor({ resource: 'color.example.com/yellow', devices: 0 }, { timeoutMs: 10_000 });

    const exited = once(plugin, 'exit');
    plugin.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  async function startExample(colors: string): Promise<ChildProcess> {
    const file = join(exampleDir, 'color-plugin.ts');
    await writeFile(file, await exampleText());
    const flags = [
      '-device-plugin-path',
      join(workDir, 'kubelet'),
      '-cdi-dir',
      join(workDir, 'cdi'),
      '-metrics-bind-address=0',
      '-dir',
      colors,
    ];
    return spawn(process.execPath, [file, ...flags], { stdio: 'inherit' });
  }
});

describe('the pod in README.md', () => {
  it('asks for what deployments/simple-plugin publishes', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const pod = parse(/```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? '') as {
      readonly spec: { readonly containers: readonly { readonly resources: { readonly limits: object } }[] };
    };
    const wanted = pod.spec.containers.flatMap(({ resources }) => Object.keys(resources.limits));
    const config = parse(await readFile(join(root, 'deployments/simple-plugin/base/config.yaml'), 'utf8')) as {
      readonly resources: readonly { readonly name: string }[];
    };
    expect(wanted.length).toBeGreaterThan(0);
    expect(config.resources.map(({ name }) => name)).toEqual(expect.arrayContaining(wanted));
  });
});

/** The first TypeScript block of the README. */
async function exampleText(): Promise<string> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const block = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  if (block === undefined) throw new Error('README.md has no block of TypeScript');
  return block;
}
