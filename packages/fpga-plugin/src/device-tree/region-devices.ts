// SPDX-License-Identifier: Apache-2.0
import { topologyOf, type CdiDevice, type DeviceInfo, type DeviceSpec, type Health } from '@kube-device-plugins/core';
import { regionProblem, type FpgaRegion } from './fpga-region.ts';

/** Where the init container puts the program that container runtimes run. Upstream: cmd/fpga_plugin. */
const hookPath = '/opt/intel/fpga-sw/intel-fpga-crihook';

/** A region that is programmed as its container starts: all of its ports, and the hook that does it. */
export function orchestratedRegion(region: FpgaRegion): DeviceInfo {
  return { ...regionInfo(region), cdiDevices: [hookOf(region)] };
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

/** The CDI device that has container runtimes run the hook. */
export function hookOf({ fme }: FpgaRegion): CdiDevice {
  const hooks = [{ hookName: 'createRuntime', path: hookPath }] as const;
  return { kind: 'intel.cdi.k8s.io/fpga', name: fme.name, containerEdits: { hooks } };
}

/** Healthy, unless there is a problem. */
export function healthOf(problem: string | undefined): { readonly health: Health; readonly healthReason?: string } {
  return problem === undefined ? { health: 'Healthy' } : { health: 'Unhealthy', healthReason: problem };
}

function regionInfo(region: FpgaRegion): DeviceInfo {
  const { ports } = region;
  const topology = topologyOf(ports.flatMap((port) => port.topology?.nodes.map(({ ID }) => ID) ?? []));
  return {
    ...healthOf(regionProblem(region)),
    nodes: ports.map(({ node }) => readWrite(node)),
    ...(topology === undefined ? {} : { topology }),
  };
}
