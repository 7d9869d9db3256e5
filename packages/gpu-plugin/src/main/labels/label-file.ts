// SPDX-License-Identifier: Apache-2.0
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DevicePluginError, isMissing, log } from '@kube-device-plugins/core';

/** A file of labels in the directory that Node Feature Discovery reads: lines of `name=value`. */
export class LabelFile {
  readonly #path: string;
  /** Hidden, and a directory: NFD would read a file beside the labels as labels. */
  readonly #temporary: string;

  /** @param temporaryParent where the file is made before it is moved in place; it has to be on the same file system. */
  constructor(path: string, temporaryParent = dirname(path)) {
    this.#path = path;
    this.#temporary = join(temporaryParent, `.labels-${Math.random().toString(36).slice(2)}`);
  }

  /**
   * Makes the file hold these labels. It is replaced as a whole, and left alone when it holds them already.
   *
   * @throws DevicePluginError `FILE_WRITE`.
   */
  async write(labels: ReadonlyMap<string, string>): Promise<void> {
    const text = labelLines(labels);
    try {
      if ((await this.#read(text.length)) === text) return;
      await this.#replace(text);
    } catch (error) {
      throw new DevicePluginError(
        'FILE_WRITE',
        `cannot write ${this.#path}: its directory, which Node Feature Discovery reads, has to be there and writable`,
        { cause: error },
      );
    }
    log.info('labels written', { file: this.#path, labels: labels.size });
    log.v(2).info('labels', Object.fromEntries(labels));
  }

  /** Takes the labels back. */
  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
    log.v(1).info('label file removed', { file: this.#path });
  }

  /** What the file holds, as far as it can equal a text of this length; labels are ASCII. */
  async #read(length: number): Promise<string | undefined> {
    try {
      await using file = await open(this.#path);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length + 1), 0, length + 1, 0);
      return buffer.toString('latin1', 0, bytesRead);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async #replace(text: string): Promise<void> {
    await mkdir(this.#temporary);
    try {
      const file = join(this.#temporary, 'labels.txt');
      await writeFile(file, text, { mode: 0o644 });
      await rename(file, this.#path);
    } finally {
      await rm(this.#temporary, { recursive: true, force: true });
    }
  }
}

/** Labels as NFD reads them. Source: Node Feature Discovery, "Local feature source", feature files. */
export function labelLines(labels: ReadonlyMap<string, string>): string {
  return [...labels].map(([name, value]) => `${name}=${value}\n`).join('');
}
