// SPDX-License-Identifier: Apache-2.0
import type { DeviceStatus, ResourceStatus, Status } from '@kube-device-plugins/core';

/** A device of a status; unhealthy when there is a reason. */
export function aDevice(id: string, more: Partial<DeviceStatus> = {}): DeviceStatus {
  return { id, health: more.reason === undefined ? 'Healthy' : 'Unhealthy', numa: [], nodes: [], history: [], ...more };
}

/** A resource of a status. */
export function aResource(
  name: string,
  devices: readonly DeviceStatus[],
  more: Partial<ResourceStatus> = {},
): ResourceStatus {
  return {
    name,
    registrations: { ok: 1, error: 0 },
    allocations: { ok: 3, error: 0 },
    deviceCount: devices.length,
    unhealthyCount: devices.filter(({ health }) => health === 'Unhealthy').length,
    devices,
    page: 1,
    pageCount: 1,
    leftOutCount: 0,
    leftOut: [],
    gone: [],
    ...more,
  };
}

/** What a plugin with these resources says at `/status.json`. */
export function aStatus(resources: readonly ResourceStatus[], more: Partial<Status> = {}): Status {
  return {
    format: 1,
    program: 'gpu-plugin',
    version: '1.2.3',
    startedAt: '2026-01-01T00:00:00.000Z',
    madeAt: '2026-01-01T02:00:00.000Z',
    ready: true,
    plugins: [{ name: 'gpu-plugin', ready: true, lines: ['ok scan'], resources }],
    ...more,
  };
}
