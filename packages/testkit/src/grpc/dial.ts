// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionSettings, GrpcConnection } from './grpc-connection.ts';

/**
 * Connects, trying again until it works, as the kubelet's blocking dial does: a socket that appears late is found soon.
 * Rejects after `timeoutMs`, and when `signal` aborts.
 */
export async function dial(
  socketPath: string,
  settings: ConnectionSettings,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<GrpcConnection> {
  const limit = new AbortController();
  const abort = (): void => {
    limit.abort(new Error('the connection was closed'));
  };
  const timer = setTimeout(() => {
    limit.abort(new Error('context deadline exceeded'));
  }, timeoutMs);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await firstConnection(socketPath, settings, limit.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

async function firstConnection(
  socketPath: string,
  settings: ConnectionSettings,
  signal: AbortSignal,
): Promise<GrpcConnection> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await GrpcConnection.open(socketPath, settings, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Error)) throw error;
    }
    await delay(pauseMs, undefined, { signal }).catch(() => {
      signal.throwIfAborted();
    });
  }
}

const firstPauseMs = 20;
const longestPauseMs = 500;
