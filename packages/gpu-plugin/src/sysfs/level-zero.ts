// SPDX-License-Identifier: Apache-2.0
import { GrpcClient } from '@kube-device-plugins/core';
import {
  DeviceHealth,
  DeviceId,
  DeviceIndices,
  DeviceMemoryAmount,
  DeviceTemperature,
  GetIntelIndicesMessage,
} from './health-api/levelzero.ts';

/**
 * Indices of Intel's cards in WSL, as the Level-Zero sidecar has them; empty when it has an error to tell instead.
 *
 * @throws DevicePluginError `RPC_FAILED` when it does not answer.
 */
export async function readWslIndices(socket: string, signal: AbortSignal): Promise<number[]> {
  using client = new LevelZeroClient(socket);
  return (await client.indices(signal)).indices;
}

/**
 * The Level-Zero sidecar. An error inside of an answer is part of the answer, as upstream: the data beside it counts.
 * All calls throw a DevicePluginError `RPC_FAILED` when the sidecar is not ready, refuses, or does not answer within 10 s.
 *
 * Upstream: cmd/gpu_plugin/levelzeroservice.
 */
export class LevelZeroClient implements Disposable {
  readonly #client: GrpcClient;

  constructor(socket: string) {
    this.#client = new GrpcClient(socket);
  }

  async health(bdf: string, signal: AbortSignal): Promise<DeviceHealth> {
    return DeviceHealth.decode(await this.#call('GetDeviceHealth', deviceId(bdf), signal));
  }

  /** In °C. */
  async temperature(bdf: string, signal: AbortSignal): Promise<DeviceTemperature> {
    return DeviceTemperature.decode(await this.#call('GetDeviceTemperature', deviceId(bdf), signal));
  }

  async indices(signal: AbortSignal): Promise<DeviceIndices> {
    const request = GetIntelIndicesMessage.encode({}).finish();
    return DeviceIndices.decode(await this.#call('GetIntelIndices', request, signal));
  }

  /** In bytes. */
  async memoryAmount(bdf: string, signal: AbortSignal): Promise<DeviceMemoryAmount> {
    return DeviceMemoryAmount.decode(await this.#call('GetDeviceMemoryAmount', deviceId(bdf), signal));
  }

  close(): void {
    this.#client.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #call(method: string, request: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return this.#client.unary({ method: `/Levelzero/${method}`, request, timeoutMs, maxMessageBytes }, signal);
  }
}

const timeoutMs = 10_000;

/** Answers are a few numbers and a sentence. */
const maxMessageBytes = 64 * 1024;

function deviceId(bdfAddress: string): Uint8Array {
  return DeviceId.encode({ bdfAddress }).finish();
}
