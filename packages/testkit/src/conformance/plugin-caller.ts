// SPDX-License-Identifier: Apache-2.0
import { deviceplugin, maxMessageBytes } from '@kube-device-plugins/core/kubelet-api';
import type { StatusName } from '../grpc/call-outcome.ts';
import { dial } from '../grpc/dial.ts';
import type { GrpcConnection } from '../grpc/grpc-connection.ts';
import { PluginCallError } from '../grpc/plugin-call-error.ts';

const methods = deviceplugin.DevicePluginService;

/** What one container is to get. */
export interface PreferenceRequest {
  readonly available: readonly string[];
  readonly must: readonly string[];
  /** Those that must be there included. */
  readonly size: number;
}

/** Calls a plugin beside the kubelet, with requests that a kubelet would not send as well. */
export class PluginCaller implements Disposable {
  readonly #connection: GrpcConnection;
  readonly #timeoutMs: number;

  private constructor(connection: GrpcConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  /** @param timeoutMs - for the connection, and for each call. */
  static async open(socketPath: string, timeoutMs: number, signal: AbortSignal): Promise<PluginCaller> {
    const settings = { authority: 'localhost', maxMessageBytes };
    return new PluginCaller(await dial(socketPath, settings, timeoutMs, signal), timeoutMs);
  }

  /** @throws PluginCallError like each of the calls below. */
  async options(): Promise<deviceplugin.DevicePluginOptions> {
    return await this.#connection.unary(methods.getDevicePluginOptions, {}, this.#timeoutMs);
  }

  /** One list of ids for each container. */
  async allocate(...containers: readonly (readonly string[])[]): Promise<deviceplugin.ContainerAllocateResponse[]> {
    const { containerResponses } = await this.#connection.unary(
      methods.allocate,
      allocateRequest(containers),
      this.#timeoutMs,
    );
    return containerResponses;
  }

  /** Sends an Allocate and cancels it at once. */
  async cancelAllocate(ids: readonly string[]): Promise<void> {
    const call = this.#connection.stream(methods.allocate, allocateRequest([ids]), () => undefined);
    await new Promise(setImmediate);
    call.end({ status: 'CANCELLED', details: 'context canceled' });
    await call.outcome;
  }

  async prefer(...requests: readonly PreferenceRequest[]): Promise<string[][]> {
    const containerRequests = requests.map(({ available, must, size }) => ({
      availableDeviceIDs: [...available],
      mustIncludeDeviceIDs: [...must],
      allocationSize: size,
    }));
    const { containerResponses } = await this.#connection.unary(
      methods.getPreferredAllocation,
      { containerRequests },
      this.#timeoutMs,
    );
    return containerResponses.map(({ deviceIDs }) => deviceIDs);
  }

  async preStart(ids: readonly string[], timeoutMs = this.#timeoutMs): Promise<void> {
    await this.#connection.unary(methods.preStartContainer, { devicesIds: [...ids] }, timeoutMs);
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** The status that a call fails with; 'OK' when it does not fail. */
export async function statusOf(call: Promise<unknown>): Promise<StatusName> {
  try {
    await call;
    return 'OK';
  } catch (error) {
    if (error instanceof PluginCallError) return error.status;
    throw error;
  }
}

function allocateRequest(containers: readonly (readonly string[])[]): deviceplugin.AllocateRequest {
  return { containerRequests: containers.map((ids) => ({ devicesIds: [...ids] })) };
}
