// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A place below /dev where a person can plug in a device and pull it out: a link to /dev/null, which does no harm to anybody.
 * Plugins take device nodes only from /dev, where the only directory that is meant for files of programs is /dev/shm (shm_overview(7)).
 */
export class DeviceSlot implements AsyncDisposable {
  readonly #directory: string;
  #isPlugged = false;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Undefined where there is no /dev/shm to write to. */
  static async create(parent = '/dev/shm'): Promise<DeviceSlot | undefined> {
    try {
      return new DeviceSlot(await mkdtemp(join(await realpath(parent), 'kdp-')));
    } catch {
      return undefined;
    }
  }

  /** Glob of the device node. */
  get pattern(): string {
    return join(this.#directory, '*');
  }

  /** Plugs the device in, or pulls it out; true when it is in afterwards. */
  async toggle(): Promise<boolean> {
    const path = join(this.#directory, 'null');
    await (this.#isPlugged ? rm(path) : symlink('/dev/null', path));
    this.#isPlugged = !this.#isPlugged;
    return this.#isPlugged;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}
