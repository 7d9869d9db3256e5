// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const scope = '@kube-device-plugins';
const guide = await readFile(join(root, 'docs/guides/write-a-plugin.md'), 'utf8');
/** Blocks below a line with nothing but the name of a file. */
const files = [...guide.matchAll(/^`([^`\n]+)`\n\n```\w+\n(.*?)^```$/gms)].map(([, name = '', text = '']) => [
  name,
  text,
]);
const commands = [...guide.matchAll(/^```sh\n(mkdir -p deployments.*?)^```$/gms)].map(([, text = '']) => text);

/** Of blocks that are no files: the names they use, which stand around them in a program. */
const surroundings = `
  import { buildSimpleDevicePlugin, DeviceTree, Manager } from '${scope}/core';
  import type { DevicePlugin, Notifier } from '${scope}/core';
  export declare const notifier: Notifier, plugin: DevicePlugin, signal: AbortSignal;
  export const used = [buildSimpleDevicePlugin, DeviceTree, Manager];
`;

describe('docs/guides/write-a-plugin.md', { timeout: 300_000 }, () => {
  let workspace: string;

  beforeAll(async () => {
    workspace = await copyOfWorkspace();
    for (const [name = '', text = ''] of files) {
      await mkdir(dirname(join(workspace, name)), { recursive: true });
      await writeFile(join(workspace, name), text);
    }
    for (const command of commands) await run('bash', '-euc', command);
  });

  afterAll(async () => {
    await rm(workspace, { recursive: true });
  });

  async function run(file: string, ...args: string[]): Promise<string> {
    const env = { ...process.env, NODE_OPTIONS: '' };
    try {
      return (await promisify(execFile)(file, args, { cwd: workspace, env })).stdout;
    } catch (error) {
      throw new Error((error as { stdout?: string }).stdout ?? '', { cause: error });
    }
  }

  it('has the files and commands of a package', () => {
    expect(files.length).toBeGreaterThan(10);
    expect(commands).toHaveLength(1);
  });

  it('has code that compiles', async () => {
    const isFile = new Set(files.map(([, text]) => text));
    const fragments = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = '']) => text);
    const loose = fragments.filter((text) => !isFile.has(text));
    expect(loose.length).toBeGreaterThan(2);
    for (const [index, text] of loose.entries()) {
      await writeFile(join(workspace, `packages/color-plugin/test/fragment-${index}.ts`), surroundings + text);
    }
    expect(await run(process.execPath, 'node_modules/.bin/tsc', '-p', 'packages/color-plugin')).toBe('');
  });

  it('makes a plugin that passes its own tests, and those of the repository about plugins', async () => {
    const vitest = [
      process.execPath,
      'node_modules/.bin/vitest',
      'run',
      '--exclude',
      '**/conformance.spec.ts',
    ] as const;
    const told = await run(...vitest, 'packages/color-plugin', 'test/layout.spec.ts', '-t', 'color|colour');
    expect(told).toMatch(/Test Files .*3 passed/);
  });

  it('makes a plugin that meets the contract', async () => {
    const only = ['-t', 'does what a good device plugin does', 'packages/color-plugin/test/conformance.spec.ts'];
    const file = join(workspace, only[2] ?? '');
    // A few clauses of the hundred, and not how fast: the simple plugin is examined in full.
    const patience =
      'const patient = { registerMs: 60_000, firstListMs: 60_000, changeMs: 60_000, clauseMs: 120_000 };';
    const text = (await readFile(file, 'utf8')).replace(
      '{ budgets }',
      "{ budgets: patient, only: ['ST-01', 'LI-01', 'HP-01', 'HP-04'] }",
    );
    await writeFile(file, `${patience}\n${text}`);
    expect(await run(process.execPath, 'node_modules/.bin/vitest', 'run', ...only)).toMatch(/Tests .*1 passed/);
  });
});

/** This repository as a checkout has it, with its own packages linked by their names. */
async function copyOfWorkspace(): Promise<string> {
  const workspace = await mkdtemp(join(tmpdir(), 'kdp-'));
  const copied = ['packages', 'test', 'deployments', 'docs', 'tsconfig.base.json', 'vitest.config.ts', 'package.json'];
  const isSource = (path: string): boolean => !path.includes('node_modules');
  await Promise.all(
    copied.map((name) => cp(join(root, name), join(workspace, name), { recursive: true, filter: isSource })),
  );
  await mkdir(join(workspace, 'tools'));
  const modules = join(workspace, 'node_modules');
  await mkdir(join(modules, scope), { recursive: true });
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name !== scope) await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  for (const name of await readdir(join(workspace, 'packages'))) {
    await symlink(join(workspace, 'packages', name), join(modules, scope, name));
  }
  return workspace;
}
