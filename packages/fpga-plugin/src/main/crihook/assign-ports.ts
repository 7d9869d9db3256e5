// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import { isAllOnes } from '../../device-tree/fpga-ids.ts';
import type { FpgaSnapshot, Port } from '../../sysfs/fpga-snapshot.ts';
import type { ContainerWishes, RegionWish } from './container-wishes.ts';

/** The port that is to fulfil a wish. */
export interface Assignment {
  readonly wish: RegionWish;
  readonly port: Port;
}

/**
 * Gives each region that a container wants one of the ports it has, no port twice. A port that has the wanted function already
 * goes to that wish, so that nothing is programmed without need. One that does not answer goes to none.
 *
 * @throws DevicePluginError `PROGRAMMING_REFUSED` when there is no port left for a region.
 */
export function assignPorts({ regions, deviceNames }: ContainerWishes, snapshot: FpgaSnapshot): readonly Assignment[] {
  const regionOf = new Map(snapshot.fmes.map(({ name, interfaceId }) => [name, interfaceId]));
  const ports = snapshot.ports
    .filter(({ name }) => deviceNames.includes(name))
    .map((port) => ({ port, interfaceId: regionOf.get(port.fme ?? '') || undefined }));
  const assigned = new Map<RegionWish, Port>();
  const taken = new Set<Port>();
  for (const fits of [hasFunction, () => true]) {
    for (const wish of regions) {
      if (assigned.has(wish)) continue;
      const found = ports.find(
        ({ port, interfaceId }) =>
          interfaceId === wish.interfaceId && !isAllOnes(port.afuId) && !taken.has(port) && fits(port, wish),
      );
      if (found === undefined) continue;
      assigned.set(wish, found.port);
      taken.add(found.port);
    }
  }
  const has = ports.map(describePort).join(', ');
  return regions.map((wish) => ({ wish, port: assigned.get(wish) ?? refuse(wish, has) }));
}

/** Whether a port has what is wanted, so that there is nothing to program. */
export function hasFunction(port: Port, wish: RegionWish): boolean {
  return port.afuId === wish.afuId;
}

function describePort({ port, interfaceId = 'unknown' }: { port: Port; interfaceId: string | undefined }): string {
  const isSilent = isAllOnes(port.afuId) || isAllOnes(interfaceId);
  return `${port.name} of region ${interfaceId}${isSilent ? ' (all ones: it does not answer)' : ''}`;
}

function refuse({ number, interfaceId }: RegionWish, has: string): never {
  const message = `no port is left for FPGA_REGION_${number}, which is ${interfaceId}: the container has ${has || 'no FPGA port'}`;
  throw new DevicePluginError('PROGRAMMING_REFUSED', message);
}
