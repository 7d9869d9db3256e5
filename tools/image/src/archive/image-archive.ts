// SPDX-License-Identifier: Apache-2.0
import { type FileHandle, open, stat } from 'node:fs/promises';
import { readPart, readTar, type TarEntry, type TarPlace } from './read-tar.ts';

/** A layer of an image: an archive inside of the image's. */
export interface Layer extends TarPlace {
  /** Digest of the uncompressed archive: equal ones are one, on disk and in memory. */
  readonly diffId: string;
}

/** What an image says of itself. Source: https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md */
export interface ImageConfig {
  readonly architecture: string;
  readonly config: {
    readonly Entrypoint?: readonly string[];
    readonly Env?: readonly string[];
    readonly Labels?: Readonly<Record<string, string>>;
    readonly User?: string;
  };
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

/** An image as `docker save` writes it, and podman and buildah can. */
export class ImageArchive implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly config: ImageConfig;
  /** The base first. */
  readonly layers: readonly Layer[];

  private constructor(file: FileHandle, config: ImageConfig, layers: readonly Layer[]) {
    this.#file = file;
    this.config = config;
    this.layers = layers;
  }

  /** @throws Error for a file that is not such an archive. */
  static async open(path: string): Promise<ImageArchive> {
    const file = await open(path);
    try {
      const { config, layers } = await readImage(file, (await stat(path)).size);
      return new ImageArchive(file, config, layers);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** What a layer adds. */
  async entries(layer: Layer): Promise<readonly TarEntry[]> {
    const entries: TarEntry[] = [];
    for await (const entry of readTar(this.#file, layer)) entries.push(entry);
    return entries;
  }

  async content({ offset, bytes }: TarPlace): Promise<Buffer> {
    return await readPart(this.#file, offset, bytes);
  }

  /** The bytes of a part, to read through. */
  stream({ offset, bytes }: TarPlace): NodeJS.ReadableStream {
    return this.#file.createReadStream({ start: offset, end: offset + bytes - 1, autoClose: false });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

async function readImage(file: FileHandle, bytes: number): Promise<{ config: ImageConfig; layers: readonly Layer[] }> {
  const entries = new Map<string, TarEntry>();
  for await (const entry of readTar(file, { offset: 0, bytes })) entries.set(entry.path, entry);
  const [image] = await json<SavedImage[]>(file, entries, 'manifest.json');
  if (image === undefined) throw new Error('the archive has no image in it');
  const config = await json<ImageConfig>(file, entries, image.Config);
  const layers = image.Layers.map((path, index) => {
    const { offset, bytes: size } = find(entries, path);
    return { offset, bytes: size, diffId: config.rootfs.diff_ids[index] ?? path };
  });
  return { config, layers };
}

/** Of manifest.json. Source: https://github.com/moby/docker-image-spec/blob/v1.3.1/v1.2.md#combined-image-json--filesystem-changeset-format */
interface SavedImage {
  readonly Config: string;
  readonly Layers: readonly string[];
}

async function json<T>(file: FileHandle, entries: ReadonlyMap<string, TarEntry>, path: string): Promise<T> {
  const { offset, bytes } = find(entries, path);
  return JSON.parse((await readPart(file, offset, bytes)).toString('utf8')) as T;
}

/** Layers of the same content may be links to one file. */
function find(entries: ReadonlyMap<string, TarEntry>, path: string): TarEntry {
  const entry = entries.get(path);
  if (entry === undefined) throw new Error(`the archive has no ${path}: it is not what 'docker save' writes`);
  return entry.kind === 'link' ? find(entries, linkedPath(entry)) : entry;
}

function linkedPath({ path, target }: TarEntry): string {
  return new URL(target, `file:///${path}`).pathname.slice(1);
}
