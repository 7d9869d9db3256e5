// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, readDeviceUsers, type DeviceUsers, type Status } from '@kube-device-plugins/core';
import { parseStatus } from './parse-status.ts';

/** Where a status comes from. */
export interface StatusSource {
  /** Of the plugin: `http://127.0.0.1:8080/`. */
  readonly address: string;
  /** The socket of the kubelet that says who has which devices; without it the plugin says so, if it can. */
  readonly podResources?: string;
}

/**
 * Asks a plugin for its status.
 *
 * @throws DevicePluginError `RPC_FAILED`
 */
export async function readStatus({ address, podResources }: StatusSource, signal: AbortSignal): Promise<Status> {
  const status = await askPlugin(new URL('status.json', address), signal);
  return podResources === undefined ? status : withUsers(status, await readDeviceUsers(podResources, signal));
}

async function askPlugin(url: URL, signal: AbortSignal): Promise<Status> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      redirect: 'error',
    });
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return parseStatus(await boundedText(response));
  } catch (error) {
    throw new DevicePluginError('RPC_FAILED', `no status from ${url.href}`, { cause: error });
  }
}

const timeoutMs = 5_000;

async function boundedText({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

/** A plugin tells of about a thousand devices at once, with 20 changes each. */
const maxBytes = 16 * 1024 * 1024;

function withUsers(status: Status, users: DeviceUsers): Status {
  const plugins = status.plugins.map((plugin) => ({
    ...plugin,
    resources: plugin.resources.map((resource) => ({
      ...resource,
      devices: resource.devices.map((device) => ({ ...device, users: users.get(resource.name)?.get(device.id) ?? [] })),
    })),
  }));
  const known: { usersUnknown?: string } & Status = { ...status, plugins };
  delete known.usersUnknown;
  return known;
}
