// SPDX-License-Identifier: Apache-2.0
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { callUnary } from './call-unary.ts';

/** A container that has a device. */
export interface DeviceUser {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** Who has which device: full name of the resource → id of the device → containers. */
export type DeviceUsers = ReadonlyMap<string, ReadonlyMap<string, readonly DeviceUser[]>>;

/**
 * Asks the kubelet which containers have which devices, of any plugin.
 *
 * @param socketPath - the kubelet's own is `/var/lib/kubelet/pod-resources/kubelet.sock`.
 * @throws DevicePluginError `RPC_FAILED`
 */
export async function readDeviceUsers(socketPath: string, signal: AbortSignal): Promise<DeviceUsers> {
  const call = { socketPath, method: '/v1.PodResourcesLister/List', request: new Uint8Array() };
  return decodeDeviceUsers(await callUnary({ ...call, timeoutMs, maxMessageBytes }, signal));
}

/** The kubelet answers from memory. */
const timeoutMs = 2_000;

/** What clients of this API usually take; a node with 250 pods has well below 1 MiB to tell. */
const maxMessageBytes = 16 * 1024 * 1024;

/**
 * Reads a `ListPodResourcesResponse`. By hand, since four messages of two or three fields are less code than what would be generated.
 *
 * @throws Error when it is no such message.
 * Source: kubernetes/kubelet, pkg/apis/podresources/v1/api.proto.
 */
export function decodeDeviceUsers(response: Uint8Array): DeviceUsers {
  const users = new Map<string, Map<string, DeviceUser[]>>();
  for (const pod of messages(response, 1)) {
    const [name, namespace] = [text(pod, 1), text(pod, 2)];
    for (const container of messages(pod, 3)) {
      const user = { namespace, pod: name, container: text(container, 1) };
      for (const devices of messages(container, 2)) {
        const resource = text(devices, 1);
        const ofResource = users.get(resource) ?? new Map<string, DeviceUser[]>();
        users.set(resource, ofResource);
        for (const bytes of messages(devices, 2)) {
          const id = decoder.decode(bytes);
          ofResource.set(id, [...(ofResource.get(id) ?? []), user]);
        }
      }
    }
  }
  return users;
}

const decoder = new TextDecoder();

function text(message: Uint8Array, field: number): string {
  return decoder.decode(messages(message, field).at(-1));
}

/** The values of a field that is a message or a string. */
function messages(message: Uint8Array, field: number): Uint8Array[] {
  const reader = new BinaryReader(message);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === field && wireType === WireType.LengthDelimited) found.push(reader.bytes());
    else reader.skip(wireType, number);
  }
  return found;
}
