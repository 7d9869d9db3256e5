// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ImageArchive } from './archive/image-archive.ts';
import { describeWeights, weighLayers } from './archive/weigh-layers.ts';
import { saveCommand } from './builder.ts';
import { readImageContent } from './image-content.ts';
import type { ImageDefinition } from './image-definition.ts';
import type { Architecture, BuilderName } from './options.ts';
import { capture, type Run, run } from './run-command.ts';
import { imageSbom, type Sbom } from './sbom.ts';

/** What has been built, and where what is said of it goes. */
export interface ReportOrder {
  readonly definition: ImageDefinition;
  readonly image: string;
  readonly tag: string;
  readonly architecture: Architecture;
  readonly native: Architecture;
  /** Folder for what is measured once. */
  readonly cache: string;
  /** Folder that is there, where the image becomes a file; absent: nowhere. */
  readonly archive: string | undefined;
}

/**
 * Writes the bill of materials of an image to dist/, and returns lines with what it weighs. Both are read from the image itself,
 * whoever has built it.
 */
export async function reportImage(builder: BuilderName, order: ReportOrder, options: Run): Promise<readonly string[]> {
  const { definition, image, tag, architecture, native, cache } = order;
  const scratch = await mkdtemp(join(tmpdir(), 'kdp-'));
  try {
    const folder = order.archive === undefined ? scratch : resolve(order.archive);
    const name = architecture === native ? definition.name : `${definition.name}-${architecture}`;
    const file = join(folder, `${name}.tar`);
    // None of them writes over a file.
    await rm(file, { force: true });
    await run(saveCommand(builder, image, file), options);
    await using archive = await ImageArchive.open(file);
    console.error(`Weighing the layers of ${image} …`);
    const weights = await weighLayers(archive, join(cache, 'weights.json'), options.signal);
    const content = { name: definition.name, version: tag, ...(await readImageContent(archive)) };
    const sbom = imageSbom(await npmSbom(definition.plugin, options), content);
    const path = join('dist', definition.plugin, `${name}.cdx.json`);
    await writeFile(join(options.cwd, path), `${JSON.stringify(sbom, undefined, 2)}\n`);
    const lines = [image, ...describeWeights(weights), `  bill of materials     ${path}`];
    if (order.archive !== undefined) lines.push(`  archive               ${file}`);
    if (architecture !== native) lines.push(`  assembled, never run: this machine is no ${architecture}`);
    return lines;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** npm's own account of what a plugin depends on, by the lock file. */
async function npmSbom(plugin: string, options: Run): Promise<Sbom> {
  const how = ['--sbom-format=cyclonedx', '--package-lock-only', '--omit=dev', `--workspace=packages/${plugin}`];
  return JSON.parse(await capture(['npm', 'sbom', ...how], options)) as Sbom;
}
