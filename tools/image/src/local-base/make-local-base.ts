// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../builder.ts';
import { type Architecture, architectures, type BuilderName } from '../options.ts';
import type { Run } from '../run-command.ts';
import { debianPackages } from './debian-libraries.ts';
import { layOutBase } from './lay-out-base.ts';
import { lockedPackage } from './locked-package.ts';

/** Where and with what a base is made. */
export interface LocalBaseOrder {
  readonly root: string;
  readonly builder: BuilderName;
  readonly architecture: Architecture;
  readonly native: Architecture;
  /** Folder for what comes from registries. */
  readonly cache: string;
}

/** Makes a base of Node.js from npm and of Debian's libraries. Returns its name. */
export async function makeLocalBase(order: LocalBaseOrder, options: Run): Promise<string> {
  const { root, builder, architecture, native, cache } = order;
  const folder = await lockedPackage(root, `node-linux-${architectures[architecture]}`, cache, options);
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  const packages = await debianPackages(architecture, native, cache, options);
  const image = `localhost/kube-device-plugins/base:${version}-${architecture}`;
  const context = await mkdtemp(join(tmpdir(), 'kdp-'));
  try {
    await layOutBase(context, { architecture, node: folder, packages });
    const dockerfile = join(root, 'build/docker/base.Dockerfile');
    // No time of its own: the same files make the same layers, which is how images share them.
    const how = { timestamp: 0, isLocal: true, hasLayers: true, args: {} };
    await build(builder, { dockerfile, context, image, architecture, ...how }, options);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  return image;
}
