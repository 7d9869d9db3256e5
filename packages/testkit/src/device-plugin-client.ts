// SPDX-License-Identifier: Apache-2.0
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { dial } from './grpc/dial.ts';
import type { GrpcCall } from './grpc/grpc-call.ts';
import type { ConnectionSettings, GrpcConnection } from './grpc/grpc-connection.ts';
import { PluginCallError } from './grpc/plugin-call-error.ts';
import type { ListAndWatchFault } from './kubelet-faults.ts';

const methods = deviceplugin.DevicePluginService;

/** The kubelet's end of one connection to a plugin: `v1beta1.DevicePlugin` with types. */
export class DevicePluginClient {
  readonly #socketPath: string;
  readonly #settings: ConnectionSettings;
  readonly #closing = new AbortController();
  #connection: GrpcConnection | undefined;
  #watch: GrpcCall | undefined;

  constructor(socketPath: string, settings: ConnectionSettings) {
    this.#socketPath = socketPath;
    this.#settings = settings;
  }

  /** Connects, trying again until it works. Rejects after `timeoutMs`, and when the client is closed. */
  async connect(timeoutMs: number): Promise<void> {
    this.#connection = await dial(this.#socketPath, this.#settings, timeoutMs, this.#closing.signal);
  }

  /** @throws PluginCallError like each of the calls below. */
  async getDevicePluginOptions(): Promise<deviceplugin.DevicePluginOptions> {
    return await this.#connected().unary(methods.getDevicePluginOptions, {});
  }

  async getPreferredAllocation(
    request: deviceplugin.PreferredAllocationRequest,
  ): Promise<deviceplugin.PreferredAllocationResponse> {
    return await this.#connected().unary(methods.getPreferredAllocation, request);
  }

  async allocate(request: deviceplugin.AllocateRequest): Promise<deviceplugin.AllocateResponse> {
    return await this.#connected().unary(methods.allocate, request);
  }

  async preStartContainer(
    request: deviceplugin.PreStartContainerRequest,
    timeoutMs: number,
  ): Promise<deviceplugin.PreStartContainerResponse> {
    return await this.#connected().unary(methods.preStartContainer, request, timeoutMs);
  }

  /** Hands each list to `onList`. Resolves when the stream is over: with nothing after a regular end, else with the error. */
  async listAndWatch(
    onList: (devices: readonly deviceplugin.Device[]) => void,
    fault: ListAndWatchFault,
  ): Promise<PluginCallError | undefined> {
    try {
      const { status, details } = await this.#openWatch(onList, fault).outcome;
      return status === 'OK' ? undefined : new PluginCallError({ status, details });
    } catch (error) {
      // The connection was lost before the stream was opened.
      if (error instanceof PluginCallError) return error;
      throw error;
    }
  }

  /** Cancels the stream: RST_STREAM, as when the context of a call is cancelled in Go. */
  cancelWatch(): void {
    this.#watch?.end({ status: 'CANCELLED', details: 'context canceled' });
  }

  /** Cancels what is under way and closes the connection. */
  close(): void {
    this.#closing.abort();
    this.#connection?.close();
  }

  /** Cuts the connection without a word, as the death of the kubelet does. */
  destroy(): void {
    this.#closing.abort();
    this.#connection?.destroy();
  }

  #openWatch(onList: (devices: readonly deviceplugin.Device[]) => void, fault: ListAndWatchFault): GrpcCall {
    const limit = listLimit(fault);
    let lists = 0;
    this.#watch = this.#connected().stream(methods.listAndWatch, {}, ({ devices }) => {
      lists += 1;
      // More of them may have been read than were to be.
      if (lists <= limit) onList(devices);
      if (lists === limit) this.#misbehave(fault);
    });
    if (limit === 0) this.#misbehave(fault);
    return this.#watch;
  }

  #misbehave(fault: ListAndWatchFault): void {
    if (typeof fault === 'string') return;
    if ('cancelAfter' in fault) this.cancelWatch();
    else if ('resetAfter' in fault) this.#connection?.destroy();
    else this.#connection?.stall();
  }

  #connected(): GrpcConnection {
    if (this.#connection === undefined) throw new Error(`not connected to ${this.#socketPath}`);
    return this.#connection;
  }
}

/** How many lists are taken before the fault. */
function listLimit(fault: ListAndWatchFault): number {
  if (typeof fault === 'string' || 'delayMs' in fault) return Infinity;
  if ('cancelAfter' in fault) return fault.cancelAfter;
  return 'resetAfter' in fault ? fault.resetAfter : fault.stallAfter;
}
