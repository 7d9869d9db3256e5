// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostedPlugins } from '@kube-device-plugins/core';

/** Names of the packages with the tag type:plugin, by what is in front of `-plugin`. */
export const pluginPackages: Readonly<Record<string, string>> = findPlugins(join(import.meta.dirname, '../..'));

/**
 * What loads each plugin of this workspace. There is no list to edit: in a bundle, for which nothing can be looked for,
 * tools/build writes this module from {@link pluginPackages}.
 */
export const plugins: HostedPlugins['plugins'] = Object.fromEntries(
  Object.entries(pluginPackages).map(([key, name]) => [
    key,
    async () =>
      ((await import(name)) as { definition: Awaited<ReturnType<HostedPlugins['plugins'][string]>> }).definition,
  ]),
);

function findPlugins(packages: string): Record<string, string> {
  const manifests = readdirSync(packages).map((folder) => readManifest(join(packages, folder, 'package.json')));
  const found = manifests.filter(({ nx }) => nx?.tags?.includes('type:plugin') === true);
  return Object.fromEntries(found.map(({ name }) => [name.replace(/^.*\/|-plugin$/g, ''), name]));
}

interface Manifest {
  readonly name: string;
  readonly nx?: { readonly tags?: readonly string[] };
}

function readManifest(path: string): Manifest {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch {
    // A folder that is no package.
    return { name: '' };
  }
}
