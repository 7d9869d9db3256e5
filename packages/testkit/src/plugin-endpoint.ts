// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@kube-device-plugins/core';
import { type deviceplugin, maxMessageBytes } from '@kube-device-plugins/core/kubelet-api';
import { DevicePluginClient } from './device-plugin-client.ts';
import type { PluginCallError } from './grpc/plugin-call-error.ts';
import type { KubeletCall } from './kubelet-call.ts';
import type { KubeletFaults } from './kubelet-faults.ts';

/** Which plugin socket serves which resource, and what the kubelet has to be told of the calls to it. */
export interface EndpointSettings {
  readonly resource: string;
  /** As the plugin registered it. */
  readonly endpoint: string;
  readonly socketPath: string;
  readonly authority: string;
  readonly faults: Required<KubeletFaults>;
  readonly windowBytes: number | undefined;
  readonly maxMessageBytes?: number | undefined;
  readonly onCall: (call: KubeletCall) => void;
}

/** One registration of one resource: a connection to the plugin, and its one ListAndWatch stream. */
export class PluginEndpoint {
  readonly resource: string;
  readonly endpoint: string;
  readonly socketPath: string;
  readonly #client: DevicePluginClient;
  readonly #faults: Required<KubeletFaults>;
  readonly #onCall: EndpointSettings['onCall'];
  readonly #closing = new AbortController();
  #options: deviceplugin.DevicePluginOptions | undefined;

  constructor(settings: EndpointSettings) {
    const { resource, endpoint, socketPath, authority, faults, windowBytes, onCall } = settings;
    this.resource = resource;
    this.endpoint = endpoint;
    this.socketPath = socketPath;
    this.#faults = faults;
    this.#onCall = onCall;
    this.#client = new DevicePluginClient(socketPath, {
      authority,
      windowBytes,
      maxMessageBytes: settings.maxMessageBytes ?? maxMessageBytes,
      isStallable: typeof faults.listAndWatch === 'object' && 'stallAfter' in faults.listAndWatch,
    });
  }

  /** What GetDevicePluginOptions answered; nothing while the endpoint is being connected. */
  get options(): deviceplugin.DevicePluginOptions | undefined {
    return this.#options;
  }

  /**
   * Connects, then asks for the options. Rejects in the kubelet's words.
   * Upstream: pkg/kubelet/cm/devicemanager/plugin/v1beta1/client.go, Connect.
   */
  async connect(timeoutMs: number): Promise<deviceplugin.DevicePluginOptions> {
    try {
      await this.#client.connect(timeoutMs);
    } catch (error) {
      throw new Error(`failed to dial device plugin: ${this.socketPath}: ${messageOf(error)}`, { cause: error });
    }
    try {
      this.#record('GetDevicePluginOptions', {});
      const options = await this.#client.getDevicePluginOptions();
      await this.#failOptions();
      this.#options = options;
      return options;
    } catch (error) {
      throw new Error(`failed to get device plugin options: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Hands over each list; resolves when the stream has ended, with the error if there was one. */
  async listAndWatch(onList: (devices: readonly deviceplugin.Device[]) => void): Promise<PluginCallError | undefined> {
    const { listAndWatch } = this.#faults;
    if (listAndWatch === 'skip') await this.#closed();
    if (typeof listAndWatch === 'object' && 'delayMs' in listAndWatch) await this.#pause(listAndWatch.delayMs);
    if (this.#closing.signal.aborted) return undefined;
    this.#record('ListAndWatch', {});
    return await this.#client.listAndWatch(onList, listAndWatch);
  }

  /** Whether the plugin set the option that it is asked by {@link preferredDevices}. */
  get hasPreferences(): boolean {
    return this.#options?.getPreferredAllocationAvailable === true;
  }

  /** The preferred devices; none when the plugin has no preference. */
  async preferredDevices(request: deviceplugin.ContainerPreferredAllocationRequest): Promise<readonly string[]> {
    const message = { containerRequests: [request] };
    this.#record('GetPreferredAllocation', message);
    const { containerResponses } = await this.#client.getPreferredAllocation(message);
    return containerResponses[0]?.deviceIDs ?? [];
  }

  async allocate(ids: readonly string[]): Promise<deviceplugin.ContainerAllocateResponse> {
    const message = { containerRequests: [{ devicesIds: [...ids] }] };
    this.#record('Allocate', message);
    const { containerResponses } = await this.#client.allocate(message);
    const [response] = containerResponses;
    if (response === undefined) throw new Error('no containers return in allocation response');
    return response;
  }

  async preStartContainer(ids: readonly string[], timeoutMs: number): Promise<void> {
    const message = { devicesIds: [...ids] };
    this.#record('PreStartContainer', message);
    await this.#client.preStartContainer(message, timeoutMs);
  }

  /** Cancels the stream; the connection stays until the kubelet has noticed. */
  cancelWatch(): void {
    this.#client.cancelWatch();
  }

  /** Cancels what is under way and closes the connection. */
  close(): void {
    this.#closing.abort();
    this.#client.close();
  }

  /** Cuts the connection without a word. */
  destroy(): void {
    this.#closing.abort();
    this.#client.destroy();
  }

  async #failOptions(): Promise<void> {
    const { options } = this.#faults;
    if (options === 'hang') {
      await this.#closed();
      throw new Error('the kubelet has stopped');
    }
    if (options !== 'ok') throw new Error(options.error);
  }

  async #closed(): Promise<void> {
    const { signal } = this.#closing;
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
    await promise;
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
  }

  #record<Method extends Exclude<KubeletCall['method'], 'Register'>>(
    method: Method,
    request: Extract<KubeletCall, { method: Method }>['request'],
  ): void {
    this.#onCall({ method, resource: this.resource, request } as KubeletCall);
  }
}
