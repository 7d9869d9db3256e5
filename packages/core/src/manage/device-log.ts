// SPDX-License-Identifier: Apache-2.0
import type { Devices } from '../device-tree.ts';
import { log } from '../log/log.ts';
import type { DeviceChanges } from './device-changes.ts';

/** Tells of the first list of a resource in one line. */
export function logInventory(resource: string, devices: Devices): void {
  const unhealthy: string[] = [];
  for (const [id, { health }] of devices) if (health === 'Unhealthy') unhealthy.push(id);
  log.info('found devices', {
    resource,
    count: devices.size,
    unhealthy: unhealthy.length === 0 ? undefined : unhealthy.length,
    first: unhealthy.length === 0 ? undefined : reasonsOf(unhealthy, devices),
  });
}

/** Tells of each change in a line of its own, and of very many in one. */
export function logDeviceChanges(resource: string, changes: DeviceChanges, devices: Devices): void {
  const { added, removed, recovered, failed } = changes;
  const info = (one: string, many: string, ids: readonly string[]): void => {
    if (ids.length > maxDeviceLines)
      log.info(many, { resource, count: ids.length, first: ids.slice(0, maxDeviceLines) });
    else for (const id of ids) log.info(one, { resource, id });
  };
  info('device added', 'devices added', added);
  info('device removed', 'devices removed', removed);
  info('device is healthy again', 'devices are healthy again', recovered);
  if (failed.length > maxDeviceLines)
    log.warn('devices are unhealthy', { resource, count: failed.length, first: reasonsOf(failed, devices) });
  else
    for (const id of failed)
      log.warn('device is unhealthy', { resource, id, reason: devices.get(id)?.healthReason ?? 'unknown' });
}

/** More changes of one kind at once are a driver that was loaded, not something that happened to each device. */
export const maxDeviceLines = 10;

/** How often these lines may come for one resource: a device that flaps ten times a second would fill the log, and hide in it what matters. */
export const deviceLogRate = { burst: 10, periodMs: 5_000 };

function reasonsOf(ids: readonly string[], devices: Devices): Readonly<Record<string, string>> {
  return Object.fromEntries(ids.slice(0, maxDeviceLines).map((id) => [id, devices.get(id)?.healthReason ?? 'unknown']));
}
