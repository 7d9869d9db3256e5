// SPDX-License-Identifier: Apache-2.0
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { percentile } from '../statistics.ts';
import type { PluginConnection } from './plugin-connection.ts';

/** What many Allocates took. */
export interface AllocateFigures {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly perSecond: number;
  /** CPU that the meter itself spent on each call, which the plugin competes with. */
  readonly meterCpuUs: number;
}

/**
 * Makes `calls` Allocates of one device each, `inFlight` at any time.
 *
 * @throws Error when a call brings no answer.
 */
export async function allocateLoad(
  connection: PluginConnection,
  deviceIds: readonly string[],
  { calls, inFlight }: { readonly calls: number; readonly inFlight: number },
): Promise<AllocateFigures> {
  const requests = deviceIds.map((id) => encodeRequest(id));
  const latenciesUs = new Float64Array(calls);
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  let started = 0;
  const lane = async (): Promise<void> => {
    while (started < calls) {
      const index = started;
      started += 1;
      latenciesUs[index] = await allocateUs(connection, requests[index % requests.length] ?? Buffer.alloc(0));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const elapsedMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  return {
    p50Us: percentile(latenciesUs, 0.5),
    p99Us: percentile(latenciesUs, 0.99),
    perSecond: (calls / elapsedMs) * 1000,
    meterCpuUs: (user + system) / calls,
  };
}

function encodeRequest(deviceId: string): Uint8Array {
  return deviceplugin.AllocateRequest.encode({ containerRequests: [{ devicesIds: [deviceId] }] }).finish();
}

function allocateUs(connection: PluginConnection, request: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    let answeredMs: number | undefined;
    connection.call(
      'Allocate',
      request,
      () => {
        answeredMs = performance.now();
      },
      () => {
        if (answeredMs === undefined) reject(new Error('an Allocate ended without an answer'));
        else resolve((answeredMs - startMs) * 1000);
      },
    );
  });
}
