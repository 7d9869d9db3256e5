// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { DevicePluginError } from '@kube-device-plugins/core';

/** Where metrics are. */
export interface MetricsPlace {
  readonly port: number;
  /** PEM file that the server's certificate is checked against, which makes it HTTPS; empty for HTTP. */
  readonly certFile: string;
}

/**
 * GET /metrics of a server on this node, within 5 s.
 *
 * @throws DevicePluginError `RPC_FAILED`.
 */
export async function fetchMetrics({ port, certFile }: MetricsPlace, signal: AbortSignal): Promise<string> {
  const url = `${certFile === '' ? 'http' : 'https'}://127.0.0.1:${port}/metrics`;
  try {
    return await readBody(await get(url, certFile, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])));
  } catch (cause) {
    throw new DevicePluginError(
      'RPC_FAILED',
      `cannot get ${url}: XPU Manager has to serve it to this pod, with -cert over HTTPS`,
      { cause },
    );
  }
}

/** Upstream: cmd/xpumanager_sidecar, the same. */
const timeoutMs = 5_000;

async function get(url: string, certFile: string, signal: AbortSignal): Promise<IncomingMessage> {
  // One connection each time: the server closes idle ones, and a round is rare.
  const options = { signal, agent: false };
  const request =
    certFile === ''
      ? (await import('node:http')).get(url, options)
      : (await import('node:https')).get(url, { ...options, ca: await readFile(certFile), minVersion: 'TLSv1.2' });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

async function readBody(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`it answers with status ${response.statusCode ?? 0}`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxMetricsBytes) throw new RangeError(`it sends more than ${maxMetricsBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** The 16 tiles of a full node tell of each other in 256 lines of half a kilobyte, and this is a hundred such nodes. */
const maxMetricsBytes = 16 * 1024 * 1024;
