// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * The esbuild plugin for `hosted-plugins.ts`, which finds plugins on disk: its module is loaded here, and in the bundle is one that imports
 * what it found. Each plugin is run only when it is asked for, and all are in one file.
 */
export const hostedPlugins: Plugin = {
  name: 'hosted-plugins',
  setup(bundle) {
    bundle.onLoad({ filter: /\/packages\/[^/]+\/src\/hosted-plugins\.ts$/ }, async ({ path }) => {
      return { contents: modulesText(await pluginPackages(path)) };
    });
  },
};

/** Names, for `-plugins`, of the plugins that a package with these sources runs; none for one that is a plugin itself. */
export async function hostedPluginsOf(source: string): Promise<readonly string[]> {
  const path = join(source, 'hosted-plugins.ts');
  return existsSync(path) ? Object.keys(await pluginPackages(path)) : [];
}

async function pluginPackages(path: string): Promise<Readonly<Record<string, string>>> {
  const found = (await import(path)) as { pluginPackages: Readonly<Record<string, string>> };
  return found.pluginPackages;
}

function modulesText(packages: Readonly<Record<string, string>>): string {
  const loaders = Object.entries(packages).map(
    ([key, name]) => `${JSON.stringify(key)}: async () => (await import(${JSON.stringify(name)})).definition,`,
  );
  return `export const plugins = {\n${loaders.join('\n')}\n};`;
}
