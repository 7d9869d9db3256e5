// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { pluginPackages, plugins } from '../src/hosted-plugins.ts';

const workspace = join(import.meta.dirname, '../../..');

describe('plugins', () => {
  it('are those of this workspace', () => {
    const folders = readdirSync(join(workspace, 'packages')).filter((name) => name.endsWith('-plugin'));
    expect(folders.length).toBeGreaterThan(3);
    expect(Object.keys(plugins).map((name) => `${name}-plugin`)).toEqual(folders);
    expect(Object.values(pluginPackages)).toEqual(folders.map((name) => `@kube-device-plugins/${name}`));
  });

  it.each(Object.entries(plugins))('%s exports its definition from src/plugin.ts', async (name, load) => {
    const definition = (await load()) as unknown;
    expect(definition, `export const definition in packages/${name}-plugin/src/plugin.ts`).toMatchObject({
      name: `${name}-plugin`,
      create: expect.any(Function) as unknown,
    });
  });

  it('have a namespace each', async () => {
    const namespaces = await Promise.all(Object.values(plugins).map(async (load) => (await load()).namespace));
    expect(new Set(namespaces).size).toBe(namespaces.length);
  });

  it('are the same in the bundle', async () => {
    const help = async (main: string): Promise<string> =>
      (await promisify(execFile)(process.execPath, [join(workspace, main), '-h'], { env: {} })).stderr;
    const bundled = await help('dist/all/main.mjs');
    expect(bundled).toBe(await help('packages/all/src/main.ts'));
    for (const name of Object.keys(plugins)) expect(bundled).toContain(`Usage of ${name} in ${name}.flags:`);
  });
});
