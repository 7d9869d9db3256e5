// SPDX-License-Identifier: Apache-2.0
import { DeviceTree, type Remark } from '@kube-device-plugins/core';
import { afDevice } from './device-tree/af-device.ts';
import { fpgaRegions, idProblem, type FpgaRegion } from './device-tree/fpga-region.ts';
import { developmentRegion, orchestratedRegion } from './device-tree/region-devices.ts';
import { afResource, regionResource } from './device-tree/resource-names.ts';
import type { FpgaMode } from './options/fpga-mode.ts';
import type { FpgaSnapshot } from './sysfs/fpga-snapshot.ts';

/**
 * What is published of the FPGAs of a host: functions (`af`), or regions to be programmed by the runtime (`region`) or by the
 * container (`regiondevel`); and why something is not.
 *
 * @param known - resources that stay without devices too: to a kubelet, one that is gone has unhealthy devices for five minutes.
 */
export function fpgaDeviceTree(
  snapshot: FpgaSnapshot,
  mode: FpgaMode,
  known: Iterable<string> = [],
): { readonly tree: DeviceTree; readonly remarks: readonly Remark[] } {
  const tree = new DeviceTree();
  for (const resource of known) tree.addResource(resource);
  const { regions, remarks } = fpgaRegions(snapshot);
  if (mode === 'af') return { tree, remarks: [...remarks, ...regions.flatMap((region) => addFunctions(tree, region))] };
  const infoOf = mode === 'region' ? orchestratedRegion : developmentRegion;
  for (const region of regions) {
    tree.addDevice(regionResource(region.fme.interfaceId), region.fme.name, infoOf(region));
  }
  return { tree, remarks };
}

function addFunctions(tree: DeviceTree, { fme, ports }: FpgaRegion): readonly Remark[] {
  return ports.flatMap((port) => {
    const problem = idProblem(port.afuId);
    if (problem !== undefined)
      return [{ message: 'FPGA port is left out', subject: port.name, reason: `its AFU id ${problem}` }];
    tree.addDevice(afResource(fme.interfaceId, port.afuId), port.name, afDevice(port));
    return [];
  });
}
