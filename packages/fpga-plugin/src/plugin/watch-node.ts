// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { DevicePluginError } from '@kube-device-plugins/core';
import type { NodeAddress } from '../options.ts';
import { parseNodeEvent, type Annotations } from './node-event.ts';

/** What {@link watchNode} needs. */
export type WatchedNode = NodeAddress & {
  readonly host: string;
  /** Called when the API server has agreed to the watch. */
  readonly onOpen?: () => void;
};

/**
 * The annotations of a node, as they are and then with each change, until the API server ends the watch, which it does after some minutes.
 * Only metadata is asked for, which changes rarely; a watch without a version begins with the node as it is.
 *
 * @throws DevicePluginError `RPC_FAILED`.
 * Source: Kubernetes API concepts, "Efficient detection of changes" and "Receiving resources as Tables" (PartialObjectMetadata, Kubernetes 1.15).
 */
export async function* watchNode(node: WatchedNode, signal: AbortSignal): AsyncGenerator<Annotations> {
  // Not all nodes of a cluster at the same time.
  const seconds = Math.round(watchSeconds * (1 + Math.random()));
  const end = AbortSignal.any([signal, AbortSignal.timeout((seconds + graceSeconds) * 1_000)]);
  try {
    const response = await open(node, seconds, end);
    node.onOpen?.();
    for await (const line of linesOf(response)) {
      const annotations = parseNodeEvent(line);
      if (annotations !== undefined) yield annotations;
    }
  } catch (cause) {
    if (cause instanceof DevicePluginError) throw cause;
    throw new DevicePluginError('RPC_FAILED', `cannot watch node ${node.name} at ${node.host}:${node.port}`, { cause });
  }
}

/** After so long, or up to twice as long, the API server is to end a watch, as those of other clients (client-go, minWatchTimeout). */
const watchSeconds = 300;
/** One that it forgets, or whose connection is dead, ends here. */
const graceSeconds = 30;
/** Limit for what it takes to begin one. */
const answerMs = 10_000;

/** By node:https, for fetch() takes no certificate of an authority. Token and certificate are read each time: the kubelet renews them. */
async function open(node: WatchedNode, seconds: number, signal: AbortSignal): Promise<IncomingMessage> {
  const [{ get }, ca, token] = await Promise.all([
    import('node:https'),
    readFile(join(node.serviceAccount, 'ca.crt')),
    readFile(join(node.serviceAccount, 'token'), 'utf8'),
  ]);
  const selector = encodeURIComponent(`metadata.name=${node.name}`);
  const request = get({
    // A connection of its own, which ends with the watch.
    agent: false,
    host: node.host,
    port: node.port,
    path: `/api/v1/nodes?watch=true&timeoutSeconds=${seconds}&fieldSelector=${selector}`,
    headers: { authorization: `Bearer ${token.trim()}`, accept: metadataOnly },
    ca,
    minVersion: 'TLSv1.2',
    timeout: answerMs,
    signal,
  });
  request.on('timeout', () => request.destroy(new Error(`no answer within ${answerMs / 1_000} s`)));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  request.setTimeout(0);
  // What breaks from here on, reading the response tells.
  request.on('error', () => undefined);
  if (response.statusCode === 200) return response;
  response.destroy();
  throw new Error(`it answers with status ${response.statusCode ?? 0}${remedyFor(response.statusCode)}`);
}

const metadataOnly = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

function remedyFor(status: number | undefined): string {
  if (status === 401)
    return ': it does not take the token of the service account of this pod, which may be of another cluster';
  return status === 403 ? ': allow the service account of this pod to watch nodes' : '';
}

async function* linesOf(response: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxEventCharacters)
      throw new RangeError(`an event has more than ${maxEventCharacters} characters`);
    yield* lines.filter((line) => line.trim() !== '');
  }
}

/** Annotations have at most 256 KiB (Kubernetes, TotalAnnotationSizeLimitB), and who manages them about as much. */
const maxEventCharacters = 2 * 1024 * 1024;
