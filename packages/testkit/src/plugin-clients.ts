// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import type { PluginCallError } from './grpc/plugin-call-error.ts';
import type { StopKind } from './kubelet-event.ts';
import type { KubeletTraits } from './kubelet-profile.ts';
import type { PluginEndpoint } from './plugin-endpoint.ts';

/** Told what happens to the plugins. Upstream: pkg/kubelet/cm/devicemanager/plugin/v1beta1/handler.go, ClientHandler. */
export interface ClientHandler {
  pluginConnected(endpoint: PluginEndpoint, options: deviceplugin.DevicePluginOptions): void;
  pluginListed(endpoint: PluginEndpoint, devices: readonly deviceplugin.Device[]): void;
  /** The plugin at `socketPath`, or whichever serves the resource when the kubelet does not tell them apart. */
  pluginDisconnected(resource: string, socketPath: string | undefined): void;
  /** Last, whether or not anybody was disconnected. */
  streamEnded(endpoint: PluginEndpoint, error: PluginCallError | undefined): void;
}

/** How a stream is cut: RST_STREAM with CANCEL, or the connection without a word. */
export type CutKind = 'cancel' | 'reset';

/** The table of connected plugins of one run of the kubelet. */
export class PluginClients {
  readonly #clientKey: KubeletTraits['clientKey'];
  readonly #handler: ClientHandler;
  readonly #table = new Map<string, PluginEndpoint>();
  /** Also those that later ones have replaced in the table: nobody closes them while their streams last. */
  readonly #open = new Set<PluginEndpoint>();
  #isClosed = false;

  constructor(clientKey: KubeletTraits['clientKey'], handler: ClientHandler) {
    this.#clientKey = clientKey;
    this.#handler = handler;
  }

  /** Enters the plugin in the table, connects to it and asks for its options. Rejects in the kubelet's words. */
  async connect(endpoint: PluginEndpoint, dialTimeoutMs: number): Promise<void> {
    const key = this.#keyOf(endpoint);
    this.#table.set(key, endpoint);
    this.#open.add(endpoint);
    try {
      if (!this.#isRunning()) throw new Error('the kubelet has stopped');
      const options = await endpoint.connect(dialTimeoutMs);
      if (this.#isRunning()) this.#handler.pluginConnected(endpoint, options);
    } catch (error) {
      this.#table.delete(key);
      this.#close(endpoint);
      throw error;
    }
  }

  /** Reads the one stream of a registration until it ends; it is never opened again. */
  async watch(endpoint: PluginEndpoint): Promise<void> {
    if (!this.#isRunning()) return;
    const error = await endpoint.listAndWatch((devices) => {
      if (this.#isRunning()) this.#handler.pluginListed(endpoint, devices);
    });
    this.#close(endpoint);
    if (!this.#isRunning()) return;
    this.#disconnect(this.#keyOf(endpoint));
    this.#handler.streamEnded(endpoint, error);
  }

  /** What the plugin watcher does when a socket is gone: as if the stream had ended. */
  deregister(resource: string, socketPath: string): void {
    this.#disconnect(this.#keyOf({ resource, socketPath }));
  }

  /** Ends the streams of a resource from the kubelet's side. */
  cut(resource: string, kind: CutKind): void {
    for (const endpoint of this.#open) {
      if (endpoint.resource !== resource) continue;
      if (kind === 'cancel') endpoint.cancelWatch();
      else endpoint.destroy();
    }
  }

  /** Cancels all streams and closes all connections, or merely cuts them; the handler hears nothing more. */
  close(kind: StopKind): void {
    this.#isClosed = true;
    for (const endpoint of this.#open) {
      if (kind === 'graceful') endpoint.close();
      else endpoint.destroy();
    }
    this.#open.clear();
    this.#table.clear();
  }

  #disconnect(key: string): void {
    const found = this.#table.get(key);
    if (found === undefined) return;
    this.#table.delete(key);
    // One that is still being connected has no connection yet that the kubelet could close.
    if (found.options !== undefined) this.#close(found);
    this.#handler.pluginDisconnected(found.resource, this.#clientKey === 'name' ? undefined : found.socketPath);
  }

  /** A call, because it changes while others are awaited. */
  #isRunning(): boolean {
    return !this.#isClosed;
  }

  #close(endpoint: PluginEndpoint): void {
    this.#open.delete(endpoint);
    endpoint.close();
  }

  #keyOf({ resource, socketPath }: Pick<PluginEndpoint, 'resource' | 'socketPath'>): string {
    return this.#clientKey === 'name' ? resource : `${resource}\n${socketPath}`;
  }
}
