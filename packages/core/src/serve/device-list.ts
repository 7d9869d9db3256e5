// SPDX-License-Identifier: Apache-2.0
import type { Devices } from '../device-tree.ts';
import { DevicePluginError } from '../errors.ts';
import { maxMessageBytes } from '../kubelet-api/constants.ts';
import { ListAndWatchResponse, type Device } from '../kubelet-api/deviceplugin.ts';

/**
 * The current devices of one resource, and who wants to hear of changes.
 *
 * Streams and allocations read the same object, and every stream asks for the newest list when it is ready for one:
 * no queue, so a slow reader holds up nobody, and an allocation needs no open stream.
 */
export class DeviceList {
  readonly #resourceName: string;
  readonly #subscribers = new Set<() => void>();
  #devices: Devices;
  #encoded: Buffer;
  #version = 1;

  /** @throws DevicePluginError `LIST_TOO_LARGE` */
  constructor(resourceName: string, devices: Devices) {
    this.#resourceName = resourceName;
    this.#devices = devices;
    this.#encoded = encodeDevices(resourceName, listOf(devices));
  }

  get devices(): Devices {
    return this.#devices;
  }

  /** The ListAndWatch message of the current devices, encoded once for all streams. */
  get encoded(): Buffer {
    return this.#encoded;
  }

  /** Grows by one with each list that differs from the last one. */
  get version(): number {
    return this.#version;
  }

  /**
   * Replaces the devices, and tells the subscribers when kubelets would see a difference: each message costs them a write to disk.
   * A list that no kubelet could receive leaves the last one in place.
   *
   * @throws DevicePluginError `LIST_TOO_LARGE`
   */
  replace(devices: Devices): void {
    const encoded = encodeDevices(this.#resourceName, listOf(devices));
    this.#devices = devices;
    if (encoded.equals(this.#encoded)) return;
    this.#encoded = encoded;
    this.#version += 1;
    for (const notify of [...this.#subscribers]) notify();
  }

  /** Calls `onChange` after each replacement until the function it returns is called. */
  subscribe(onChange: () => void): () => void {
    this.#subscribers.add(onChange);
    return () => void this.#subscribers.delete(onChange);
  }
}

function listOf(devices: Devices): Device[] {
  return [...devices].map(([ID, { health, topology }]) => ({ ID, health, topology }));
}

/**
 * A ListAndWatch message, sorted by id, so that equal inventories give equal messages.
 *
 * @throws DevicePluginError `LIST_TOO_LARGE`
 */
export function encodeDevices(resourceName: string, devices: readonly Device[]): Buffer {
  const sorted = devices.toSorted((a, b) => (a.ID < b.ID ? -1 : a.ID > b.ID ? 1 : 0));
  const bytes = ListAndWatchResponse.encode({ devices: sorted }).finish();
  if (bytes.byteLength > maxMessageBytes) {
    throw new DevicePluginError(
      'LIST_TOO_LARGE',
      `the list of ${devices.length} devices of ${resourceName} takes ${bytes.byteLength} bytes, but kubelets receive at most ${maxMessageBytes}: publish fewer devices or shorter ids`,
    );
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
