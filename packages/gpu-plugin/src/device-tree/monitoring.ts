// SPDX-License-Identifier: Apache-2.0
import type { DeviceInfo } from '@kube-device-plugins/core';
import type { GpuOptions } from '../options.ts';
import type { GpuCard } from '../sysfs/gpu-card.ts';
import { readWrite } from './card-device.ts';

/**
 * What gives all cards at once to a program that watches them, by resource: `monitoring`, or with mode `split` one for each driver.
 *
 * Each is one device that is always healthy, also while a card is not: monitoring is needed most then.
 * It names no NUMA node, for it is no reason to place a pod anywhere.
 */
export function monitoringDevices(
  cards: readonly GpuCard[],
  mode: GpuOptions['monitoring'],
  onHost: (path: string) => string,
): ReadonlyMap<string, DeviceInfo> {
  if (mode === 'none') return new Map();
  const groups = Map.groupBy(cards, ({ driver }) => (mode === 'single' ? 'monitoring' : `${driver}_monitoring`));
  return new Map(
    [...groups].map(([resource, group]) => {
      const nodes = group.flatMap((card) => [...card.nodes, ...card.meiNodes]);
      return [resource, { health: 'Healthy', nodes: nodes.map((node) => readWrite(onHost(node))) }];
    }),
  );
}
