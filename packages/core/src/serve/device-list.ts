// SPDX-License-Identifier: Apache-2.0
import type { Devices } from '../device-tree.ts';
import { DevicePluginError } from '../errors.ts';
import { maxMessageBytes } from '../kubelet-api/constants.ts';
import { ListAndWatchResponse, type Device } from '../kubelet-api/deviceplugin.ts';
import { Pacer } from './pacer.ts';

/**
 * The current devices of one resource, and who wants to hear of changes.
 *
 * Streams and allocations read the same object, and every stream asks for the newest list when it is ready for one:
 * no queue, so a slow reader holds up nobody, and an allocation needs no open stream.
 *
 * Changes are published at once while there are few of them. A device that flaps costs the kubelet a write to disk with each message,
 * so in the long run there is one publication a second, of whatever is the newest by then; who looks meanwhile sees the newest as well.
 */
export class DeviceList {
  readonly #resourceName: string;
  readonly #subscribers = new Set<() => void>();
  readonly #pacer = new Pacer(publicationRate, () => {
    this.#publish();
  });
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

  /** Grows by one with each publication. */
  get version(): number {
    return this.#version;
  }

  /**
   * Replaces the devices, and publishes them when kubelets would see a difference.
   * A list that no kubelet could receive leaves the last one in place.
   *
   * @throws DevicePluginError `LIST_TOO_LARGE`
   */
  replace(devices: Devices): void {
    const encoded = encodeDevices(this.#resourceName, listOf(devices));
    this.#devices = devices;
    if (encoded.equals(this.#encoded)) return;
    this.#encoded = encoded;
    this.#pacer.request();
  }

  #publish(): void {
    this.#version += 1;
    for (const notify of [...this.#subscribers]) notify();
  }

  /** Calls `onChange` after each publication until the function it returns is called. */
  subscribe(onChange: () => void): () => void {
    this.#subscribers.add(onChange);
    return () => void this.#subscribers.delete(onChange);
  }
}

/** A device that fails and the ones that fail with it go out at once; ten changes a second for hours do not. */
const publicationRate = { burst: 4, periodMs: 1_000 };

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
