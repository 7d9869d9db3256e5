// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '@kube-device-plugins/core';
import { ImageError } from './image-error.ts';

/** What `image` or `initImage` in the package.json of a plugin says. */
export interface ImageDefinition {
  /** Folder in packages/. */
  readonly plugin: string;
  readonly kind: 'plugin' | 'init';
  /** Without registry and tag: `intel-gpu-plugin`. */
  readonly name: string;
  /** The command that a container runs by itself. */
  readonly entrypoint: string;
  /** Name in /usr/local/bin → bundle in dist/<plugin>; the entry point among them. */
  readonly commands: Readonly<Record<string, string>>;
  readonly description: string;
}

/**
 * The images of all plugins, or of those that are named.
 *
 * @throws ImageError for a plugin that is not there or has no such image.
 */
export async function readImageDefinitions(
  root: string,
  wanted: readonly string[] | 'all',
  kinds: readonly ImageDefinition['kind'][],
): Promise<readonly ImageDefinition[]> {
  const known = await pluginsWithImages(root);
  const plugins = wanted === 'all' ? [...known.keys()] : wanted;
  return plugins.flatMap((plugin) => {
    const manifest = known.get(plugin);
    if (manifest === undefined)
      throw new ImageError(
        `there is no image for '${plugin}'; there are images for: ${[...known.keys()].join(', ')}`,
        2,
      );
    const found = definitionsOf(plugin, manifest).filter(({ kind }) => kinds.includes(kind));
    if (found.length > 0 || wanted === 'all') return found;
    throw new ImageError(
      `packages/${plugin}/package.json has no ${kinds[0] === 'init' ? 'initImage' : 'image'}: ${plugin} has no such image`,
      2,
    );
  });
}

/** What one package.json says of images. */
export function definitionsOf(plugin: string, manifest: ImageManifest): readonly ImageDefinition[] {
  const { image, initImage, description } = manifest;
  const found: ImageDefinition[] = [];
  if (image !== undefined) {
    const commands = { [image.entrypoint]: 'main.mjs', ...image.commands };
    found.push({ plugin, kind: 'plugin', description, ...image, commands });
  }
  if (initImage !== undefined) {
    const { commands = {} } = initImage;
    found.push({ plugin, kind: 'init', description: `Sets a node up for ${plugin}`, ...initImage, commands });
  }
  return found;
}

/** The parts of a plugin's package.json that are about images. */
export interface ImageManifest {
  readonly description: string;
  readonly image?: ImageEntry;
  readonly initImage?: ImageEntry;
}

interface ImageEntry {
  readonly name: string;
  readonly entrypoint: string;
  readonly commands?: Readonly<Record<string, string>>;
}

async function pluginsWithImages(root: string): Promise<ReadonlyMap<string, ImageManifest>> {
  const folders = (await readdir(join(root, 'packages'))).sort();
  const manifests = await Promise.all(folders.map((folder) => readManifest(join(root, 'packages', folder))));
  return new Map(
    folders.flatMap((folder, index) => {
      const manifest = manifests[index];
      return manifest?.image === undefined ? [] : [[folder, manifest]];
    }),
  );
}

async function readManifest(folder: string): Promise<ImageManifest | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as ImageManifest;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
