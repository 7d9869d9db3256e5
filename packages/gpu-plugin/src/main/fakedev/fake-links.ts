// SPDX-License-Identifier: Apache-2.0
import type { FakeGpuSpec } from './fake-gpu-spec.ts';

/** The links between tiles, `0.1-0.0_1.0-0.0`; undefined where the spec names none. */
export function fakeLinks({ DevCount, TilesPerDev, Capabilities }: FakeGpuSpec): string | undefined {
  const { connections = '', 'connection-topology': topology } = Capabilities;
  if (topology === 'FULL') return allLinks(DevCount, Math.max(1, TilesPerDev));
  return connections === '' ? undefined : connections;
}

/** Every tile with every other one, the higher one first. */
function allLinks(devices: number, tilesPerDevice: number): string {
  const tiles = Array.from(
    { length: devices * tilesPerDevice },
    (_, index) => `${Math.floor(index / tilesPerDevice)}.${index % tilesPerDevice}`,
  );
  return tiles.flatMap((from, index) => tiles.slice(index + 1).map((to) => `${to}-${from}`)).join('_');
}
