// SPDX-License-Identifier: Apache-2.0
import type { ImageArchive } from './archive/image-archive.ts';
import type { TarEntry } from './archive/read-tar.ts';
import { type DebianComponent, type ImageContent, parseDebianControl } from './sbom.ts';

/** What an image has in it, read from it. */
export async function readImageContent(
  archive: ImageArchive,
): Promise<Pick<ImageContent, 'licenses' | 'nodeVersion' | 'debian'>> {
  const files = await filesOf(archive);
  const text = async (entry: TarEntry): Promise<string> => (await archive.content(entry)).toString('utf8');
  const licenses = files.get('app/LICENSES.txt');
  const node = files.get('nodejs/bin/node');
  // Where distroless images have them, and scanners look. Files beside them have checksums.
  const controls = [...files].filter(
    ([path]) => /^var\/lib\/dpkg\/status\.d\/[^/]+$/.test(path) && !path.endsWith('.md5sums'),
  );
  const debian: DebianComponent[] = [];
  for (const [, entry] of controls) {
    const found = parseDebianControl(await text(entry));
    if (found !== undefined) debian.push(found);
  }
  return {
    licenses: licenses === undefined ? '' : await text(licenses),
    nodeVersion: node === undefined ? undefined : nodeVersionIn(await archive.content(node)),
    debian,
  };
}

/** The files of all layers by their paths; a later layer goes before an earlier one. */
export async function filesOf(archive: ImageArchive): Promise<ReadonlyMap<string, TarEntry>> {
  const files = new Map<string, TarEntry>();
  for (const layer of archive.layers) {
    for (const entry of await archive.entries(layer)) files.set(entry.path, entry);
  }
  return files;
}

/** A release of Node.js has the address of its own source in it (process.release.sourceUrl). */
function nodeVersionIn(binary: Buffer): string | undefined {
  const end = binary.indexOf('.tar.gz', Math.max(0, binary.indexOf('/node-v')));
  const start = end < 0 ? -1 : binary.lastIndexOf('/node-v', end);
  if (start < 0) return undefined;
  return /^\/node-v(\d+\.\d+\.\d+)$/.exec(binary.toString('latin1', start, end))?.[1];
}
