// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createGzip } from 'node:zlib';
import { isMissing } from '@kube-device-plugins/core';
import type { ImageArchive, Layer } from './image-archive.ts';

/** What a layer takes on a node, and on the way to it. */
export interface LayerWeight {
  readonly diffId: string;
  readonly bytes: number;
  /** With gzip at its default level, as registries keep it. */
  readonly gzipBytes: number;
}

/**
 * Weighs the layers of an image. That takes seconds for Node.js itself, so `cache`, a file, keeps the result for each digest.
 */
export async function weighLayers(
  archive: ImageArchive,
  cache: string,
  signal: AbortSignal,
): Promise<readonly LayerWeight[]> {
  const known = await readCache(cache);
  const weights: LayerWeight[] = [];
  for (const layer of archive.layers) {
    const gzipBytes = known[layer.diffId] ?? (await gzipSize(archive, layer, signal));
    weights.push({ diffId: layer.diffId, bytes: layer.bytes, gzipBytes });
  }
  const all = { ...known, ...Object.fromEntries(weights.map(({ diffId, gzipBytes }) => [diffId, gzipBytes])) };
  await mkdir(dirname(cache), { recursive: true });
  await writeFile(cache, JSON.stringify(Object.fromEntries(Object.entries(all).slice(-mostRemembered))));
  return weights;
}

/** Of each build, the last layer is new. */
const mostRemembered = 200;

/** Lines for people, the base first. */
export function describeWeights(weights: readonly LayerWeight[]): readonly string[] {
  const sum = (pick: (weight: LayerWeight) => number): number =>
    weights.reduce((total, weight) => total + pick(weight), 0);
  const rows = weights.map(({ diffId, bytes, gzipBytes }, index) => ({
    label: `layer ${index + 1} ${diffId.replace(/^sha256:/, '').slice(0, 12)}`,
    bytes,
    gzipBytes,
  }));
  const total = { label: 'total', bytes: sum(({ bytes }) => bytes), gzipBytes: sum(({ gzipBytes }) => gzipBytes) };
  return [...rows, total].map(
    ({ label, bytes, gzipBytes }) => `  ${label.padEnd(21)} ${megabytes(bytes)} MB, gzip ${megabytes(gzipBytes)} MB`,
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(2).padStart(7);
}

async function gzipSize(archive: ImageArchive, layer: Layer, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  for await (const chunk of archive.stream(layer).pipe(createGzip())) {
    signal.throwIfAborted();
    bytes += (chunk as Buffer).length;
  }
  return bytes;
}

async function readCache(path: string): Promise<Readonly<Record<string, number>>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, number>;
  } catch (error) {
    // One that was being written when the machine went down is worth no more than none.
    if (isMissing(error) || error instanceof SyntaxError) return {};
    throw error;
  }
}
