// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';

/** The annotations of a node. */
export type Annotations = Readonly<Record<string, unknown>>;

/**
 * The annotations that an event of a watch brings, none when the node is gone; undefined for events that bring no news.
 *
 * @throws DevicePluginError `RPC_FAILED` when the API server tells of an error, or the line is no event.
 * Source: Kubernetes API concepts, "Efficient detection of changes": one JSON object a line.
 */
export function parseNodeEvent(line: string): Annotations | undefined {
  const event = asRecord(parseJson(line));
  const object = asRecord(event['object']);
  switch (event['type']) {
    case 'ADDED':
    case 'MODIFIED':
      return asRecord(asRecord(object['metadata'])['annotations']);
    case 'DELETED':
      return {};
    case 'BOOKMARK':
      return undefined;
    default:
      throw new DevicePluginError('RPC_FAILED', `the API server ends the watch: ${errorText(object['message'])}`);
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new DevicePluginError('RPC_FAILED', 'the API server sends a line that is no JSON', { cause });
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function errorText(message: unknown): string {
  return typeof message === 'string' ? message.slice(0, 200) : 'it does not say why';
}
