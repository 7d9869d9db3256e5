// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, type Host } from '@kube-device-plugins/core';

/**
 * Reads attributes of devices for their health. A device that sleeps or is just going away answers with errors of many kinds, none of which
 * says that it is broken: what cannot be read is like what is not there.
 *
 * It is for one scan: what was read once is not read again, such as the links that many virtual functions share.
 */
export class DeviceAttributes {
  readonly #host: Host;
  readonly #texts = new Map<string, Promise<string | undefined>>();

  constructor(host: Host) {
    this.#host = host;
  }

  text(path: string): Promise<string | undefined> {
    const text = this.#texts.get(path) ?? tolerant(this.#host.readText(path), undefined);
    this.#texts.set(path, text);
    return text;
  }

  /** What the device itself answers. @throws DevicePluginError `HOST_TIMEOUT` when it does not. */
  async probe(path: string): Promise<string | undefined> {
    try {
      return await this.#host.probeText(path);
    } catch (error) {
      if (!(error instanceof DevicePluginError) || error.code === 'HOST_TIMEOUT') throw error;
      return undefined;
    }
  }

  list(directory: string): Promise<string[]> {
    return tolerant(this.#host.list(directory), []);
  }

  realPath(path: string): Promise<string | undefined> {
    return tolerant(this.#host.realPath(path), undefined);
  }
}

async function tolerant<T>(read: Promise<T>, missing: T): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof DevicePluginError) return missing;
    throw error;
  }
}
