// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import type { PluginCallError } from './device-plugin-client.ts';
import type { PluginEndpoint } from './plugin-endpoint.ts';

/**
 * How a kubelet finds the client whose stream has ended.
 * '1.26' (kubelets 1.26 to 1.36): by resource name, so that the end of an old stream disconnects the plugin that registered since.
 * '1.37': by resource name and socket path (kubernetes/kubernetes#135437).
 */
export type KubeletProfile = '1.26' | '1.37';

/** Told what happens to the plugins. Upstream: pkg/kubelet/cm/devicemanager/plugin/v1beta1/handler.go, ClientHandler. */
export interface ClientHandler {
  pluginConnected(endpoint: PluginEndpoint, options: deviceplugin.DevicePluginOptions): void;
  pluginListed(endpoint: PluginEndpoint, devices: readonly deviceplugin.Device[]): void;
  /** The plugin at `socketPath`, or whichever serves the resource when the kubelet does not tell them apart. */
  pluginDisconnected(resource: string, socketPath: string | undefined): void;
  /** Last, whether or not anybody was disconnected. */
  streamEnded(endpoint: PluginEndpoint, error: PluginCallError | undefined): void;
}

/** The table of connected plugins of one run of the kubelet. */
export class PluginClients {
  readonly #profile: KubeletProfile;
  readonly #handler: ClientHandler;
  readonly #table = new Map<string, PluginEndpoint>();
  /** Also those that later ones have replaced in the table: nobody closes them while their streams last. */
  readonly #open = new Set<PluginEndpoint>();
  #isClosed = false;

  constructor(profile: KubeletProfile, handler: ClientHandler) {
    this.#profile = profile;
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

  /** Cancels all streams and cuts all connections; the handler hears nothing more. */
  close(): void {
    this.#isClosed = true;
    for (const endpoint of this.#open) endpoint.close();
    this.#open.clear();
    this.#table.clear();
  }

  #disconnect(key: string): void {
    const found = this.#table.get(key);
    if (found === undefined) return;
    this.#table.delete(key);
    // One that is still being connected has no connection yet that the kubelet could close.
    if (found.options !== undefined) this.#close(found);
    this.#handler.pluginDisconnected(found.resource, this.#profile === '1.26' ? undefined : found.socketPath);
  }

  /** A call, because it changes while others are awaited. */
  #isRunning(): boolean {
    return !this.#isClosed;
  }

  #close(endpoint: PluginEndpoint): void {
    this.#open.delete(endpoint);
    endpoint.close();
  }

  #keyOf({ resource, socketPath }: PluginEndpoint): string {
    return this.#profile === '1.26' ? resource : `${resource}\n${socketPath}`;
  }
}
