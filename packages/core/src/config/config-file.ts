// SPDX-License-Identifier: Apache-2.0
import { statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DevicePluginError } from '../errors.ts';

/** As much as a ConfigMap can hold. Source: kubernetes.io/docs/concepts/configuration/configmap, "cannot exceed 1 MiB". */
export const maxConfigBytes = 1024 * 1024;

/** A configuration file, which lies in the plugin's own container and not below the root of a Host. */
export class ConfigFile {
  readonly #path: string;
  #version: string | undefined;
  #text: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Where an entry comes or goes when the file is replaced: of a ConfigMap it is the symlink ..data. */
  get directory(): string {
    return dirname(this.#path);
  }

  /**
   * Reads the file when it is another one than at the last call, which costs one stat, and undefined when its text is the same.
   *
   * @throws DevicePluginError `CONFIG_INVALID`, once, when it is missing, no regular file, or larger than {@link maxConfigBytes}.
   */
  async readChange(): Promise<string | undefined> {
    const version = this.#readVersion();
    if (version === this.#version) return undefined;
    this.#version = version;
    const text = await this.#read();
    if (text === this.#text) return undefined;
    this.#text = text;
    return text;
  }

  /**
   * Looks at what the symlinks lead to, and takes an error for a version of its own.
   * Synchronous, for every scan comes here: a microsecond, where the thread pool would wake two threads and this one again.
   */
  #readVersion(): string {
    try {
      const { dev, ino, size, mtimeNs, ctimeNs } = statSync(this.#path, { bigint: true });
      return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
    } catch (error) {
      return String(error);
    }
  }

  async #read(): Promise<string> {
    try {
      const stats = await stat(this.#path);
      if (!stats.isFile()) throw this.#invalid('is not a regular file');
      if (stats.size > maxConfigBytes) {
        throw this.#invalid(`has ${stats.size} bytes; at most ${maxConfigBytes} are read`);
      }
      return await readFile(this.#path, 'utf8');
    } catch (error) {
      // What comes after this is a change, even when it is what was before.
      this.#text = undefined;
      throw error instanceof DevicePluginError ? error : this.#invalid('cannot be read', error);
    }
  }

  #invalid(reason: string, cause?: unknown): DevicePluginError {
    return new DevicePluginError('CONFIG_INVALID', `${this.#path}: ${reason}`, { cause });
  }
}
