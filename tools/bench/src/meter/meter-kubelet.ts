// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { allocateLoad, type AllocateFigures } from './allocate-load.ts';
import { clockMs } from './clock.ts';
import { EventLog } from './event-log.ts';
import { ListedResources, type ResourceFigures } from './listed-resources.ts';
import { PluginConnection } from './plugin-connection.ts';
import { RegistrationSocket, type OnRegister } from './registration-socket.ts';
import { StreamSet, type StreamFigures } from './stream-set.ts';

const noMessage = new Uint8Array();

/**
 * As much of a kubelet as a stopwatch needs, for one process in one directory; questions are to the resource that came last. Like the real one it asks for the options within
 * the registration and opens one stream after it, and its Allocates travel on the connection of that stream.
 */
export class MeterKubelet {
  readonly events = new EventLog();
  readonly #directory: string;
  #socket: RegistrationSocket | undefined;
  readonly #plugins = new Map<string, PluginConnection>();
  #plugin: PluginConnection | undefined;
  readonly #resources = new ListedResources();
  #endpoint = '';
  #streams: StreamSet | undefined;
  #deviceIds: readonly string[] = [];

  constructor(directory: string) {
    this.#directory = directory;
  }

  async open(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    this.#socket = await RegistrationSocket.listen(join(this.#directory, 'kubelet.sock'), this.#onRegister);
  }

  async close(): Promise<void> {
    this.#streams?.[Symbol.dispose]();
    for (const plugin of this.#plugins.values()) plugin.destroy();
    this.#plugins.clear();
    this.#plugin = undefined;
    await this.#socket?.close();
  }

  /** Milliseconds until a new stream has brought the whole list. */
  relist(): Promise<number> {
    return new Promise((resolve, reject) => {
      const startMs = performance.now();
      const cancel = this.#registered().call(
        'ListAndWatch',
        noMessage,
        () => {
          resolve(performance.now() - startMs);
          // Not before the stream is known.
          setImmediate(() => {
            cancel();
          });
        },
        () => {
          reject(new Error('a new stream ended without a list'));
        },
      );
    });
  }

  /** Opens so many further streams, and tells when each has its first list. */
  async openStreams(count: number, healthy: number, timeoutMs: number): Promise<StreamFigures> {
    const sinceMs = clockMs();
    this.#streams?.[Symbol.dispose]();
    this.#streams = new StreamSet(join(this.#directory, this.#endpoint), count);
    return await this.#streams.told(healthy, sinceMs, timeoutMs);
  }

  /** Of the further streams: when each had this list. */
  async toldStreams(healthy: number, sinceMs: number, timeoutMs: number): Promise<StreamFigures> {
    if (this.#streams === undefined) throw new Error('no further streams are open');
    return await this.#streams.told(healthy, sinceMs, timeoutMs);
  }

  async listedResources(count: number, timeoutMs: number): Promise<ResourceFigures> {
    return await this.#resources.reached(count, timeoutMs);
  }

  allocate(calls: number, inFlight: number): Promise<AllocateFigures> {
    return allocateLoad(this.#registered(), this.#deviceIds, { calls, inFlight });
  }

  #registered(): PluginConnection {
    if (this.#plugin === undefined) throw new Error('no plugin is registered');
    return this.#plugin;
  }

  readonly #onRegister: OnRegister = ({ endpoint, resourceName }, answer) => {
    this.events.add({ kind: 'register', atMs: clockMs(), resource: resourceName });
    this.#resources.registered();
    this.#endpoint = endpoint;
    this.#plugins.get(resourceName)?.destroy();
    const plugin = new PluginConnection(join(this.#directory, endpoint));
    this.#plugins.set(resourceName, plugin);
    this.#plugin = plugin;
    const ignore = (): void => undefined;
    plugin.call('GetDevicePluginOptions', noMessage, ignore, () => {
      answer();
      plugin.call(
        'ListAndWatch',
        noMessage,
        (message) => {
          this.#onList(message);
          this.#resources.listed(resourceName);
        },
        ignore,
      );
    });
  };

  #onList(message: Buffer): void {
    const atMs = clockMs();
    const { devices } = deviceplugin.ListAndWatchResponse.decode(message);
    const healthy = devices.filter(({ health }) => health === 'Healthy');
    this.#deviceIds = healthy.map(({ ID }) => ID);
    this.events.add({ kind: 'list', atMs, total: devices.length, healthy: healthy.length });
  }
}
