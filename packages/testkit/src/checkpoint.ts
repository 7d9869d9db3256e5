// SPDX-License-Identifier: Apache-2.0
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import type { Assignment } from './assignments.ts';

/**
 * What a kubelet writes down. Names are those in the file.
 * Upstream: pkg/kubelet/cm/devicemanager/checkpoint/checkpoint.go.
 */
export interface Checkpoint {
  readonly PodDeviceEntries: readonly CheckpointEntry[];
  /** Resource → ids of its healthy devices. */
  readonly RegisteredDevices: Readonly<Record<string, readonly string[]>>;
}

/** What one container holds of one resource. */
export interface CheckpointEntry {
  readonly PodUID: string;
  readonly ContainerName: string;
  readonly ResourceName: string;
  /** NUMA node → ids; a device of two nodes is under both, one without topology under `-1`. */
  readonly DeviceIDs: Readonly<Record<string, readonly string[]>>;
  /** The encoded `ContainerAllocateResponse`, in base64. */
  readonly AllocResp: string;
}

/** The text of the file. The real checksum is one of Go's dump of the struct; this one is of the JSON, which serves the same end. */
export function encodeCheckpoint(checkpoint: Checkpoint): string {
  return JSON.stringify({ Data: checkpoint, Checksum: checksumOf(JSON.stringify(checkpoint)) });
}

/** Undefined for anything but the whole text of a checkpoint. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  try {
    const { Data, Checksum } = JSON.parse(text) as { readonly Data: unknown; readonly Checksum: unknown };
    if (!isCheckpoint(Data) || Checksum !== checksumOf(JSON.stringify(Data))) return undefined;
    return Data;
  } catch {
    return undefined;
  }
}

export function entryOf({ podUid, container, resource, devices, response }: Assignment): CheckpointEntry {
  const idsByNode = new Map<number, string[]>();
  for (const [id, nodes] of devices) {
    for (const node of nodes.length === 0 ? [noTopology] : nodes) {
      idsByNode.set(node, [...(idsByNode.get(node) ?? []), id]);
    }
  }
  return {
    PodUID: podUid,
    ContainerName: container,
    ResourceName: resource,
    DeviceIDs: Object.fromEntries(idsByNode),
    AllocResp: Buffer.from(deviceplugin.ContainerAllocateResponse.encode(response).finish()).toString('base64'),
  };
}

/** @throws Error when the answer in it is not one. */
export function assignmentOf({
  PodUID,
  ContainerName,
  ResourceName,
  DeviceIDs,
  AllocResp,
}: CheckpointEntry): Assignment {
  const devices = new Map<string, number[]>();
  for (const [node, ids] of Object.entries(DeviceIDs)) {
    for (const id of ids) {
      const nodes = Number(node) === noTopology ? [] : [Number(node)];
      devices.set(id, [...(devices.get(id) ?? []), ...nodes]);
    }
  }
  const response = deviceplugin.ContainerAllocateResponse.decode(Buffer.from(AllocResp, 'base64'));
  return { podUid: PodUID, container: ContainerName, resource: ResourceName, devices, response };
}

/** The kubelet's NUMA node of devices without topology. Upstream: pod_devices.go, nodeWithoutTopology. */
const noTopology = -1;

/** FNV-1a in 32 bits, of the UTF-16 code units. Source: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm". */
function checksumOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

function isCheckpoint(value: unknown): value is Checkpoint {
  if (!isRecord(value)) return false;
  const { PodDeviceEntries, RegisteredDevices } = value;
  return Array.isArray(PodDeviceEntries) && PodDeviceEntries.every(isEntry) && isIdsByKey(RegisteredDevices);
}

function isEntry(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { PodUID, ContainerName, ResourceName, DeviceIDs, AllocResp } = value;
  const texts = [PodUID, ContainerName, ResourceName, AllocResp];
  return texts.every((text) => typeof text === 'string') && isIdsByKey(DeviceIDs);
}

function isIdsByKey(value: unknown): boolean {
  const isIds = (ids: unknown): boolean => Array.isArray(ids) && ids.every((id) => typeof id === 'string');
  return isRecord(value) && Object.values(value).every(isIds);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
