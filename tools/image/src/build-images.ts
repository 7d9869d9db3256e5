// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeDirectory, messageOf } from '@kube-device-plugins/core';
import { build, findBuilder, isPresent, joinArchitectures } from './builder.ts';
import { type ImageDefinition, readImageDefinitions } from './image-definition.ts';
import { ImageError } from './image-error.ts';
import { type LocalBaseOrder, makeLocalBase } from './local-base/make-local-base.ts';
import type { Architecture, BuilderName, ImageOptions } from './options.ts';
import { prepareLayer } from './prepare-layer.ts';
import { reportImage } from './report-image.ts';
import { capture, type Run, succeeds } from './run-command.ts';

/** Where images are built. */
export interface BuildPlace {
  readonly root: string;
  readonly native: Architecture;
  /** What is made, line by line; progress goes to standard error. */
  readonly print: (line: string) => void;
}

/**
 * Builds what the command line asks for, one image after another.
 *
 * @throws ImageError with thing, cause and remedy.
 */
export async function buildImages(options: ImageOptions, place: BuildPlace, signal: AbortSignal): Promise<void> {
  const { root, native, print } = place;
  const definitions = await readImageDefinitions(root, options.plugins, kindsOf(options));
  if (options.archive !== undefined) await makeArchiveFolder(options.archive);
  const how: Run = { cwd: root, signal };
  const builder = await findBuilder(options.builder, how);
  const cache = join(root, 'node_modules/.cache/image');
  const bases = await localBases(options, { root, builder, native, cache }, how);
  for (const base of bases.values()) print(base);
  const workspace = await readWorkspace(root, how);
  for (const definition of definitions) {
    const tag = options.tag ?? workspace.version;
    const name = `${options.registry}/${definition.name}:${tag}`;
    const made: string[] = [];
    for (const architecture of options.architectures) {
      const image = options.architectures.length > 1 ? `${name}-${architecture}` : name;
      const base = options.base ?? bases.get(architecture);
      const order: ImageOrder = { definition, image, architecture, base, tag, ...workspace };
      if (architecture === native) await buildImage(builder, { ...order, layer: 'given', context: root }, how);
      else await buildForeignImage(builder, order, { ...how, cache });
      const report = await reportImage(builder, { ...order, native, cache, archive: options.archive }, how);
      print(report.join('\n'));
      made.push(image);
    }
    if (made.length > 1) await joinArchitectures(builder, name, made, how);
  }
}

/** Before anything is built, which takes longer than to read that it cannot be kept. */
async function makeArchiveFolder(path: string): Promise<void> {
  try {
    await makeDirectory(resolve(path));
  } catch (error) {
    throw new ImageError(`--archive: ${messageOf(error)}: name a folder that you may write to`);
  }
}

interface Workspace {
  readonly version: string;
  readonly revision: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

interface ImageOrder extends Workspace {
  readonly definition: ImageDefinition;
  readonly image: string;
  readonly architecture: Architecture;
  /** Absent: what the Dockerfile says. */
  readonly base: string | undefined;
  readonly tag: string;
}

function kindsOf({ init, plugins }: ImageOptions): readonly ImageDefinition['kind'][] {
  if (init) return ['init'];
  return plugins === 'all' ? ['plugin', 'init'] : ['plugin'];
}

/** By architecture; none unless they are asked for. */
async function localBases(
  { localBase, architectures: wanted }: ImageOptions,
  order: Omit<LocalBaseOrder, 'architecture'>,
  options: Run,
): Promise<ReadonlyMap<Architecture, string>> {
  const bases = new Map<Architecture, string>();
  if (!localBase) return bases;
  for (const architecture of wanted) bases.set(architecture, await makeLocalBase({ ...order, architecture }, options));
  return bases;
}

/** Version and revision of what is built; outside of a git repository, there is no revision and no time. */
async function readWorkspace(root: string, options: Run): Promise<Workspace> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  if (!(await succeeds(['git', 'rev-parse', 'HEAD'], options))) return { version, revision: '', timestamp: 0 };
  const commit = await capture(['git', 'log', '-1', '--format=%H %ct'], options);
  const [revision = '', seconds] = commit.trim().split(' ');
  return { version, revision, timestamp: Number(seconds) };
}

/** Its last layer is the context. */
async function buildForeignImage(
  builder: BuilderName,
  order: ImageOrder,
  options: Run & { readonly cache: string },
): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), 'kdp-'));
  try {
    await prepareLayer(options.cwd, context, order.definition, order.architecture, options);
    await buildImage(builder, { ...order, layer: 'prepared', context }, options);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** `layer` is the stage of the Dockerfile that the last layer comes of. */
async function buildImage(
  builder: BuilderName,
  order: ImageOrder & { readonly layer: string; readonly context: string },
  options: Run,
): Promise<void> {
  const { definition, image, architecture, base, layer, context, tag, revision, timestamp } = order;
  const { plugin, kind, name, description } = definition;
  const args = { PLUGIN: plugin, NAME: name, DESCRIPTION: description, VERSION: tag, REVISION: revision, LAYER: layer };
  const isLocal = base !== undefined && (await isPresent(builder, base, options));
  const what = {
    dockerfile: join(
      options.cwd,
      `build/docker/${kind === 'plugin' ? 'plugin' : name.replace(/^intel-/, '')}.Dockerfile`,
    ),
    args: base === undefined ? args : { ...args, BASE_IMAGE: base },
    hasLayers: false,
    ...{ context, image, architecture, timestamp, isLocal },
  };
  try {
    await build(builder, what, options);
  } catch (error) {
    if (!(error instanceof ImageError) || base !== undefined) throw error;
    throw new ImageError(
      `${error.message}; where the base cannot be had from its registry, say --local-base or --base`,
    );
  }
}
