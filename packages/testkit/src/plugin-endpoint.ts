// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { messageOf } from '@kube-device-plugins/core';
import { DevicePluginClient, type PluginCallError } from './device-plugin-client.ts';
import type { KubeletCall } from './kubelet-call.ts';

/** Which plugin socket serves which resource, and what the kubelet has to be told of the calls to it. */
export interface EndpointSettings {
  readonly resource: string;
  /** As the plugin registered it. */
  readonly endpoint: string;
  readonly socketPath: string;
  readonly onCall: (call: KubeletCall) => void;
}

/** One registration of one resource: a connection to the plugin, and its one ListAndWatch stream. */
export class PluginEndpoint {
  readonly resource: string;
  readonly endpoint: string;
  readonly socketPath: string;
  readonly #client: DevicePluginClient;
  readonly #onCall: EndpointSettings['onCall'];
  #options: deviceplugin.DevicePluginOptions | undefined;

  constructor({ resource, endpoint, socketPath, onCall }: EndpointSettings) {
    this.resource = resource;
    this.endpoint = endpoint;
    this.socketPath = socketPath;
    this.#client = new DevicePluginClient(socketPath);
    this.#onCall = onCall;
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
      this.#options = await this.#client.getDevicePluginOptions();
      return this.#options;
    } catch (error) {
      throw new Error(`failed to get device plugin options: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Hands over each list; resolves when the stream has ended, with the error if there was one. */
  listAndWatch(onList: (devices: readonly deviceplugin.Device[]) => void): Promise<PluginCallError | undefined> {
    this.#record('ListAndWatch', {});
    return this.#client.listAndWatch(onList);
  }

  /** The preferred devices; none when the plugin did not set the option or has no preference. */
  async preferredDevices(request: deviceplugin.ContainerPreferredAllocationRequest): Promise<readonly string[]> {
    if (this.#options?.getPreferredAllocationAvailable !== true) return [];
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

  /** Does nothing when the plugin did not set the option. */
  async preStartContainer(ids: readonly string[], timeoutMs: number): Promise<void> {
    if (this.#options?.preStartRequired !== true) return;
    const message = { devicesIds: [...ids] };
    this.#record('PreStartContainer', message);
    await this.#client.preStartContainer(message, timeoutMs);
  }

  /** Cancels what is under way and cuts the connection. */
  close(): void {
    this.#client.close();
  }

  #record<Method extends Exclude<KubeletCall['method'], 'Register'>>(
    method: Method,
    request: Extract<KubeletCall, { method: Method }>['request'],
  ): void {
    this.#onCall({ method, resource: this.resource, request } as KubeletCall);
  }
}
