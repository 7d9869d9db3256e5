// SPDX-License-Identifier: Apache-2.0
import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWarmProgram } from '@kube-device-plugins/build/warm-program';
import { definitionsOf, type ImageDefinition, type ImageManifest } from '../image-definition.ts';
import { ImageError } from '../image-error.ts';
import { firstLine, programText } from './program-text.ts';

/** What is put together of what. */
export interface Assembly {
  /** A folder of dist/. */
  readonly from: string;
  /** Folder with the native files of programs, for the architecture of the image. */
  readonly natives: string;
  /** Becomes the last layer of the image. */
  readonly to: string;
  readonly plugin: string;
  readonly kind: ImageDefinition['kind'];
  /** Which Node runs the programs, as the first line of each says. */
  readonly node: string;
  /** Of the image, and of this process, by Node's names. */
  readonly arch: { readonly image: string; readonly here: string };
}

/**
 * Puts the last layer of an image together: programs without source maps, their names in /usr/local/bin, what they need beside
 * them, their licences and, for a plugin, what V8 has compiled for one start, made here and by the Node that will use it. For another
 * architecture than this one's there is no such cache, for nothing of it can be run.
 *
 * @returns bytes of the cache, if there is one.
 * @throws ImageError when the plugin does not start, or dist/ lacks something.
 */
export async function assemble(assembly: Assembly): Promise<number | undefined> {
  const { from, natives, to, plugin, kind, node, arch } = assembly;
  const manifest = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as BuiltManifest;
  const { commands } = definitionIn(manifest, assembly);
  const [app, bin] = [join(to, 'app'), join(to, 'usr/local/bin')];
  await Promise.all([app, bin].map((folder) => mkdir(folder, { recursive: true, mode: 0o755 })));
  const bundles = new Map<string, string>();
  for (const bundle of new Set(Object.values(commands))) {
    bundles.set(bundle, programText(await readFile(join(from, bundle), 'utf8'), node));
  }
  for (const [name, text] of bundles) await writeFile(join(app, name), text, { mode: 0o755 });
  for (const [name, bundle] of Object.entries(commands)) await symlink(`/app/${bundle}`, join(bin, name));
  for (const native of await nativesOf(from, [...bundles.values()])) {
    await copyFile(join(natives, native), join(app, native));
  }
  await copyFile(join(from, 'LICENSES.txt'), join(app, 'LICENSES.txt'));
  if (kind !== 'plugin' || arch.image !== arch.here) return undefined;
  const bundle = await readFile(join(from, 'main.mjs'), 'utf8');
  const start = { node, firstLine: firstLine(node), flags: manifest.startFlags ?? [] };
  const bytes = await writeWarmProgram(bundle, app, start);
  if (bytes === undefined)
    throw new ImageError(`${plugin} does not start and stop on this base: run its dist/main.mjs by hand`);
  return bytes;
}

/** A plugin's package.json in dist/. */
interface BuiltManifest extends ImageManifest {
  /** What a start needs beside the flags of every plugin. */
  readonly startFlags?: readonly string[];
}

function definitionIn(manifest: ImageManifest, { plugin, kind }: Assembly): ImageDefinition {
  const definition = definitionsOf(plugin, manifest).find((candidate) => candidate.kind === kind);
  if (definition === undefined)
    throw new ImageError(`packages/${plugin}/package.json has no ${kind === 'init' ? 'initImage' : 'image'}`);
  return definition;
}

/** Native files that one of these programs names. */
async function nativesOf(from: string, texts: readonly string[]): Promise<readonly string[]> {
  const natives = (await readdir(from)).filter((name) => name.endsWith('.node'));
  return natives.filter((name) => texts.some((text) => text.includes(name)));
}
