// SPDX-License-Identifier: Apache-2.0
import { type DeviceNode, Host } from '@kube-device-plugins/core';

/** What a plugin learned of one path. */
export interface HostRead {
  /** The text of the file, where that was read. */
  readonly text?: string;
  /** The names in the directory, where these were read. */
  readonly names?: readonly string[];
  readonly node?: DeviceNode;
  /** Why it could not be read, and as what. */
  readonly failure?: { readonly as: 'file' | 'directory'; readonly error: unknown };
}

/** A host that is only looked at and remembers what was read of it, by paths as the host names them. The last read of a path counts. */
export class RecordingHost extends Host {
  readonly #reads = new Map<string, HostRead>();

  constructor(root: string) {
    super(root, { isReadOnly: true });
  }

  get reads(): ReadonlyMap<string, HostRead> {
    return this.#reads;
  }

  override readText(path: string, maxBytes?: number): Promise<string | undefined> {
    return this.#record(path, 'file', super.readText(path, maxBytes), textOf);
  }

  override probeText(path: string, maxBytes?: number): Promise<string | undefined> {
    return this.#record(path, 'file', super.probeText(path, maxBytes), textOf);
  }

  override list(directory: string): Promise<string[]> {
    return this.#record(directory, 'directory', super.list(directory), (names) => ({ names }));
  }

  override linkName(path: string): Promise<string | undefined> {
    return this.#record(path, 'directory', super.linkName(path));
  }

  override realPath(path: string): Promise<string | undefined> {
    return this.#record(path, 'directory', super.realPath(path));
  }

  override exists(path: string): Promise<boolean> {
    return this.#record(path, 'directory', super.exists(path));
  }

  override deviceNode(path: string): Promise<DeviceNode | undefined> {
    return this.#record(path, 'directory', super.deviceNode(path), (node) => (node === undefined ? {} : { node }));
  }

  async #record<T>(
    path: string,
    as: 'file' | 'directory',
    reading: Promise<T>,
    learned: (result: T) => HostRead = () => ({}),
  ): Promise<T> {
    const learn = (read: HostRead): void => void this.#reads.set(path, { ...this.#reads.get(path), ...read });
    try {
      const result = await reading;
      learn(learned(result));
      return result;
    } catch (error) {
      learn({ failure: { as, error } });
      throw error;
    }
  }
}

function textOf(text: string | undefined): HostRead {
  return text === undefined ? {} : { text };
}
