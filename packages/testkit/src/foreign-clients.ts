// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { connect } from 'node:net';
import { deviceplugin, maxMessageBytes } from '@kube-device-plugins/core/kubelet-api';
import { dial } from './grpc/dial.ts';
import { PluginCallError } from './grpc/plugin-call-error.ts';

/**
 * Does what a debugging tool does beside the kubelet: opens ListAndWatch on the socket of a plugin, reads one list and cancels.
 * To a plugin it looks like the kubelet, which it must not be taken for.
 *
 * @throws PluginCallError when the stream ends without a list; Error when nobody serves the socket for `timeoutMs` (default 10 000).
 */
export async function readListOnce(
  socketPath: string,
  { timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {},
): Promise<readonly deviceplugin.Device[]> {
  const limit = AbortSignal.timeout(timeoutMs);
  const connection = await dial(socketPath, { authority: 'localhost', maxMessageBytes }, timeoutMs, limit);
  const lists: (readonly deviceplugin.Device[])[] = [];
  try {
    const stream = connection.stream(deviceplugin.DevicePluginService.listAndWatch, {}, ({ devices }) => {
      lists.push(devices);
      stream.end({ status: 'CANCELLED', details: 'context canceled' });
    });
    const outcome = await stream.outcome;
    if (lists[0] === undefined) throw new PluginCallError(outcome);
    return lists[0];
  } finally {
    connection.close();
  }
}

/**
 * Connects so many times and says nothing.
 *
 * @returns what closes the connections again. Rejects, and leaves none open, when one is refused.
 */
export async function openIdleConnections(socketPath: string, count: number): Promise<Disposable> {
  const sockets = Array.from({ length: count }, () => connect(socketPath));
  const closeAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  try {
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  } catch (error) {
    closeAll();
    throw error;
  }
  // The plugin may close them at any time.
  for (const socket of sockets) socket.on('error', () => undefined);
  return { [Symbol.dispose]: closeAll };
}
