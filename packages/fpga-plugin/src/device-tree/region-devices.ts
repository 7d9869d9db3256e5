// SPDX-License-Identifier: Apache-2.0
import { topologyOf, type CdiDevice, type DeviceInfo, type DeviceSpec } from '@kube-device-plugins/core';
import { isAllOnes, type FpgaRegion } from './fpga-region.ts';

/** Where the init container puts the program that container runtimes run. Upstream: cmd/fpga_plugin. */
const hookPath = '/opt/intel/fpga-sw/intel-fpga-crihook';

/** A region that is programmed as its container starts: all of its ports, and the hook that does it. */
export function orchestratedRegion(region: FpgaRegion): DeviceInfo {
  return { ...regionInfo(region), cdiDevices: [cdiDevice(region.fme.name)] };
}

/** A region that its container programs itself: all of its ports, and what programs it. */
export function developmentRegion(region: FpgaRegion): DeviceInfo {
  const info = regionInfo(region);
  return { ...info, nodes: [...info.nodes, readWrite(region.fme.node)] };
}

/** A device node under its own name. */
export function readWrite(path: string): DeviceSpec {
  return { containerPath: path, hostPath: path, permissions: 'rw' };
}

function regionInfo({ fme, ports }: FpgaRegion): DeviceInfo {
  const topology = topologyOf(ports.flatMap((port) => port.topology?.nodes.map(({ ID }) => ID) ?? []));
  return {
    ...(isAllOnes(fme.interfaceId)
      ? { health: 'Unhealthy', healthReason: 'its interface id is all ones: the FPGA does not answer' }
      : { health: 'Healthy' }),
    nodes: ports.map(({ node }) => readWrite(node)),
    ...(topology === undefined ? {} : { topology }),
  };
}

function cdiDevice(name: string): CdiDevice {
  const hooks = [{ hookName: 'createRuntime', path: hookPath }] as const;
  return { kind: 'intel.cdi.k8s.io/fpga', name, containerEdits: { hooks } };
}
