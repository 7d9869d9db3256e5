// SPDX-License-Identifier: Apache-2.0
import { lstatSync, type BigIntStats } from 'node:fs';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DevicePluginError, messageOf } from '../errors.ts';
import { log } from '../log/log.ts';
import { makeDirectory } from './make-directory.ts';
import { cdiDeviceName, cdiFileName, cdiSpecText, type CdiDevice } from './spec.ts';

/** A file that was found or made right. */
interface KnownFile {
  readonly text: string;
  /** Stays the same as long as nobody touches the file. */
  readonly fingerprint: string | undefined;
  /** False when the file was right from the start: then it is not ours to remove. */
  readonly isOurs: boolean;
}

/** Container runtimes need not run as our user. */
const fileMode = 0o644;

/**
 * Keeps the CDI spec files of the current devices in a directory such as /var/run/cdi, which is a tmpfs that may be wiped.
 * Files are replaced as a whole, so that no runtime ever reads half of one, and left alone while they are right.
 */
export class CdiSpecFiles {
  readonly #directory: string;
  /** Runtimes read .json and .yaml only. Another process may be at work in the directory, so the name is by chance. */
  readonly #temporaryName = `spec.${Math.random().toString(36).slice(2)}.tmp`;
  readonly #files = new Map<string, KnownFile>();
  readonly #texts = new WeakMap<CdiDevice, string>();
  readonly #reported = new Map<string, string>();
  #lastTurn: Promise<void> = Promise.resolve();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Writes the files that are missing or different, and removes those that this object wrote for devices that are gone.
   * Never rejects: what is wrong with one file is logged, once for each cause, and does not stop the others.
   */
  sync(devices: Iterable<CdiDevice>): Promise<void> {
    // Of a device that a hundred containers share there is one file.
    const wanted = Map.groupBy(new Set(devices), cdiFileName);
    return this.#inTurn(async () => {
      for (const [name, sameName] of wanted) await this.#reporting(name, () => this.#bringAll(sameName));
      for (const name of [...this.#files.keys()]) {
        if (!wanted.has(name)) await this.#reporting(name, () => this.#remove(name));
      }
    });
  }

  /**
   * Makes sure that the file of a device is right, just before a runtime needs it: one stat when it is.
   * Rejects with `CDI_SPEC_INVALID` or `CDI_SPEC_WRITE`.
   */
  async ensure(device: CdiDevice): Promise<void> {
    if (!this.#isRight(cdiFileName(device), this.#textOf(device))) await this.#inTurn(() => this.#bring(device));
  }

  /** Changes come one after another, as each builds on what the last one left. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#lastTurn.then(change);
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }

  async #reporting(name: string, change: () => Promise<void>): Promise<void> {
    try {
      await change();
      this.#reported.delete(name);
    } catch (error) {
      const cause = messageOf(error);
      if (this.#reported.get(name) !== cause) log.warn('CDI spec file is not right', { file: this.#path(name), error });
      this.#reported.set(name, cause);
    }
  }

  /** Several devices of a plugin may share a CDI device, but then it has to be the same. */
  async #bringAll(devices: readonly CdiDevice[]): Promise<void> {
    const [text] = devices.map((device) => this.#textOf(device));
    for (const device of devices) {
      if (this.#textOf(device) !== text) {
        throw new DevicePluginError(
          'CDI_SPEC_INVALID',
          `different devices have the CDI name ${cdiDeviceName(device)}, the first one counts`,
        );
      }
      await this.#bring(device);
    }
  }

  async #bring(device: CdiDevice): Promise<void> {
    const name = cdiFileName(device);
    const text = this.#textOf(device);
    if (this.#isRight(name, text)) return;
    try {
      const isThere = await this.#holds(name, text);
      if (!isThere) await this.#replace(name, text);
      const isOurs = !isThere || this.#files.get(name)?.isOurs === true;
      this.#files.set(name, { text, fingerprint: this.#fingerprint(name), isOurs });
    } catch (error) {
      const message = `cannot write ${this.#path(name)} for CDI device ${cdiDeviceName(device)}, the directory has to be there and writable`;
      throw new DevicePluginError('CDI_SPEC_WRITE', message, { cause: error });
    }
  }

  /** Devices are immutable, and one may be allocated many times. */
  #textOf(device: CdiDevice): string {
    const text = this.#texts.get(device) ?? cdiSpecText(device);
    this.#texts.set(device, text);
    return text;
  }

  #isRight(name: string, text: string): boolean {
    const known = this.#files.get(name);
    return known?.text === text && known.fingerprint !== undefined && known.fingerprint === this.#fingerprint(name);
  }

  async #holds(name: string, text: string): Promise<boolean> {
    const stats = this.#stats(name);
    if (stats === undefined || !stats.isFile()) return false;
    const isReadable = Number(stats.mode & 0o777n) === fileMode && Number(stats.size) === Buffer.byteLength(text);
    return isReadable && (await readFile(this.#path(name), 'utf8')) === text;
  }

  async #replace(name: string, text: string): Promise<void> {
    await makeDirectory(this.#directory);
    const temporary = this.#path(this.#temporaryName);
    try {
      await writeFile(temporary, text, { flag: 'wx' });
      await chmod(temporary, fileMode);
      await rename(temporary, this.#path(name));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async #remove(name: string): Promise<void> {
    const known = this.#files.get(name);
    if (known?.isOurs === true && known.fingerprint === this.#fingerprint(name)) {
      await rm(this.#path(name), { force: true });
    }
    this.#files.delete(name);
  }

  #fingerprint(name: string): string | undefined {
    const stats = this.#stats(name);
    return stats && `${stats.dev}:${stats.ino}:${stats.ctimeNs}:${stats.size}`;
  }

  /** Undefined also for what cannot be looked at: to write it will tell why. */
  #stats(name: string): BigIntStats | undefined {
    try {
      return lstatSync(this.#path(name), { bigint: true, throwIfNoEntry: false });
    } catch {
      return undefined;
    }
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }
}
