// SPDX-License-Identifier: Apache-2.0
import { DeviceTree, type DeviceInfo, type Remark } from '@kube-device-plugins/core';
import { afDevice } from './device-tree/af-device.ts';
import { identityOfPort, isAllOnes, type KnownIds } from './device-tree/fpga-ids.ts';
import { fpgaRegions, leftOutRegion, type FpgaRegion } from './device-tree/fpga-region.ts';
import { developmentRegion, hookOf, orchestratedRegion } from './device-tree/region-devices.ts';
import { afResource, parseResourceName, regionResource } from './device-tree/resource-names.ts';
import type { FpgaMode } from './options/fpga-mode.ts';
import type { FpgaSnapshot, Port } from './sysfs/fpga-snapshot.ts';

/** What counts on of earlier scans. */
export interface FpgaHistory {
  /** Resources that stay without devices too: to a kubelet, one that is gone has unhealthy devices for five minutes. */
  readonly resources?: readonly string[];
  readonly ids?: KnownIds;
  /** Regions were given to pods, whose containers cannot start again without the CDI device of the hook, whatever the mode is now. */
  readonly hadHooks?: boolean;
}

/**
 * What is published of the FPGAs of a host: functions (`af`), or regions to be programmed by the runtime (`region`) or by the
 * container (`regiondevel`); and why something is not.
 *
 * With `hadHooks` the devices of every mode have the CDI device, so that its file stays; only mode `region` is to hand it out.
 */
export function fpgaDeviceTree(
  snapshot: FpgaSnapshot,
  mode: FpgaMode,
  { resources = [], ids = new Map(), hadHooks = false }: FpgaHistory = {},
): { readonly tree: DeviceTree; readonly remarks: readonly Remark[] } {
  const tree = new DeviceTree();
  for (const resource of resources) if (!namesSilentHardware(resource)) tree.addResource(resource);
  const { regions, remarks } = fpgaRegions(snapshot, ids);
  const more = regions.flatMap((region) => {
    const add: AddDevice = (resource, id, info) =>
      tree.addDevice(resource, id, hadHooks ? { ...info, cdiDevices: [hookOf(region)] } : info);
    return mode === 'af' ? addFunctions(add, region, ids) : addRegion(add, region, mode);
  });
  return { tree, remarks: [...remarks, ...more] };
}

type AddDevice = (resource: string, id: string, info: DeviceInfo) => void;

/** One that was registered for hardware that never answered goes with it. */
function namesSilentHardware(resource: string): boolean {
  const { interfaceId = '', afuId = '' } = parseResourceName(resource) ?? {};
  return isAllOnes(interfaceId) || isAllOnes(afuId);
}

function addFunctions(add: AddDevice, region: FpgaRegion, ids: KnownIds): readonly Remark[] {
  return region.ports.flatMap((port) => {
    const { id, problem } = identityOfPort(port, ids);
    const reason = problem === undefined ? undefined : `its AFU id ${problem}`;
    if (id === undefined) return [{ message: 'FPGA port is left out', subject: port.name, reason: reason ?? '' }];
    add(afResource(region.interfaceId, id), port.name, afDevice(port, reason ?? region.problem));
    return [];
  });
}

/** A container that got a part of a region would have that part for good. */
function addRegion(add: AddDevice, region: FpgaRegion, mode: 'region' | 'regiondevel'): readonly Remark[] {
  const { fme, interfaceId, ports } = region;
  if (fme.missingPorts !== undefined)
    return [leftOutRegion(fme, `not all of its ports can be used: ${fme.missingPorts.join(', ')}`)];
  add(
    regionResource(interfaceId),
    fme.name,
    mode === 'region' ? orchestratedRegion(region) : developmentRegion(region),
  );
  return ports.filter(({ idProblem }) => idProblem !== undefined).map(remarkOnFunction);
}

/** Passes by itself when the port is being programmed, and takes nothing from the region. */
function remarkOnFunction({ name, idProblem = '' }: Port): Remark {
  const reason = `its AFU id ${idProblem}`;
  return { message: 'the function of an FPGA port is not known', subject: name, reason, level: 'detail' };
}
