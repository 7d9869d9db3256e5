// SPDX-License-Identifier: Apache-2.0
import { glob, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files as they were, to put them back byte for byte. */
export class Snapshot {
  readonly #root: string;
  readonly #patterns: readonly string[];
  readonly #files: ReadonlyMap<string, Buffer>;

  private constructor(root: string, patterns: readonly string[], files: ReadonlyMap<string, Buffer>) {
    this.#root = root;
    this.#patterns = patterns;
    this.#files = files;
  }

  /** Of all files below `root` that match. */
  static async take(root: string, patterns: readonly string[]): Promise<Snapshot> {
    const files = new Map<string, Buffer>();
    for await (const file of glob(patterns, { cwd: root })) files.set(file, await readFile(join(root, file)));
    return new Snapshot(root, patterns, files);
  }

  /** Writes back what is different, and removes what was not there. */
  async restore(): Promise<void> {
    for await (const file of glob(this.#patterns, { cwd: this.#root })) {
      if (!this.#files.has(file)) await rm(join(this.#root, file));
    }
    for (const [file, bytes] of this.#files) {
      const path = join(this.#root, file);
      const now = await readFile(path).catch(() => undefined);
      if (now === undefined || !now.equals(bytes)) await writeFile(path, bytes);
    }
  }
}
