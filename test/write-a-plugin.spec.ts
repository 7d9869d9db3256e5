// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkspaceCopy } from './support/workspace-copy.ts';

const guide = await readFile(join(import.meta.dirname, '../docs/guides/write-a-plugin.md'), 'utf8');

/** Of the code in the guide: the names it uses, which stand around it in a program. */
const surroundings = `
  import { buildSimpleDevicePlugin, DeviceTree, Manager } from '@kube-device-plugins/core';
  import type { DevicePlugin, Notifier } from '@kube-device-plugins/core';
  export declare const notifier: Notifier, plugin: DevicePlugin, signal: AbortSignal;
  export const used = [buildSimpleDevicePlugin, DeviceTree, Manager];
`;

/** A plugin that is made as the guide says, in a copy of this repository that is thrown away. */
describe('the next plugin', { timeout: 600_000 }, () => {
  let workspace: WorkspaceCopy;

  beforeAll(async () => {
    workspace = await WorkspaceCopy.make();
  }, 60_000);

  afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

  it('is written by the command of the guide', async () => {
    expect(guide).toMatch(/^npx nx g @kube-device-plugins\/plugin npu$/m);
    // The filter of npm test is by path, and leaves out most files of the package.
    expect(guide).toMatch(/^npx nx run npu-plugin:test /m);
    expect(guide).not.toContain('npm test -- npu-plugin');
    const options = ['--namespace', 'npu.example.org', '--resource', 'core', '--vendor-id', '1af4', '--class', 'npus'];
    await workspace.run('nx', ['g', '@kube-device-plugins/plugin', 'npu', '--skip-install', ...options]);
    // As npm would: the modules of the copy are links to those of this checkout.
    const link = join(workspace.root, 'node_modules/@kube-device-plugins/npu-plugin');
    await symlink(join(workspace.root, 'packages/npu-plugin'), link);
  });

  it('is formatted, and has no part that nothing uses', async () => {
    await workspace.run('prettier', ['--check', 'packages/npu-plugin', 'deployments/npu-plugin', 'test/e2e']);
    await workspace.run('knip', ['--no-config-hints', '--workspace', 'packages/npu-plugin']);
  });

  it('is deployed by manifests that are as those of all plugins', async () => {
    const told = await workspace.run('vitest', [
      'run',
      '--project',
      'repository',
      'test/manifests.spec.ts',
      '-t',
      'npu-plugin',
    ]);
    expect(told).toMatch(/Tests .*\d\d passed/);
  });

  it('satisfies the checklist', async () => {
    const table = await workspace.run('nx', ['run', 'npu-plugin:checklist'], await storageOfItsOwn());
    const rows = table.match(/^\d {2}.* {2}(passed|not checked|open) .*$/gm) ?? [];
    console.log(rows.join('\n'));
    expect(rows).toHaveLength(11);
    for (const item of [
      'the program is built',
      'unit tests pass',
      'linters',
      'end-to-end',
      'README',
      'NodeFeatureRule',
    ]) {
      expect(table).toMatch(new RegExp(`${item}.* {2}passed `));
    }
  });

  it('meets the contract', async () => {
    const file = join(workspace.root, 'packages/npu-plugin/test/conformance.spec.ts');
    // A few clauses of the hundred, and not how fast: the simple plugin is examined in full.
    const budgets = '{ registerMs: 60_000, firstListMs: 60_000, changeMs: 60_000, clauseMs: 120_000 }';
    const text = await readFile(file, 'utf8');
    const only = `['ST-01', 'LI-01', 'HP-01', 'HP-04', 'HE-01', 'PA-01', 'RS-01']`;
    const patient = text.replace('options: { skip } }]', `options: { only: ${only} } }], { budgets: ${budgets} }`);
    expect(patient).not.toBe(text);
    await writeFile(file, `export const unused = () => skip;\n${patient}`);
    const told = await workspace.run('vitest', ['run', '--project', 'npu-plugin', 'test/conformance.spec.ts']);
    expect(told).toMatch(/Tests .*1 passed/);
  });

  it('goes with the code of the guide, which compiles', async () => {
    const fragments = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = '']) => text);
    expect(fragments.length).toBeGreaterThan(2);
    const folder = join(workspace.root, 'packages/npu-plugin/test/guide');
    await mkdir(folder);
    for (const [index, text] of fragments.entries()) {
      await writeFile(join(folder, `fragment-${index}.ts`), surroundings + text);
    }
    expect(await workspace.run('tsc', ['-p', 'packages/npu-plugin'])).toBe('');
  });

  /** For images: that of the machine stays as it is. */
  async function storageOfItsOwn(): Promise<Record<string, string>> {
    const file = join(workspace.root, 'storage.conf');
    const places = ['graphroot', 'runroot'].map((name) => `${name} = "${join(workspace.root, name)}"\n`);
    await writeFile(file, `[storage]\ndriver = "overlay"\n${places.join('')}`);
    return { CONTAINERS_STORAGE_CONF: file };
  }
});
