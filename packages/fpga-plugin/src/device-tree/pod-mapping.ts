// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import { canonicalId } from '../sysfs/driver-layout.ts';
import { afResource, isFpgaId, regionResource } from './resource-names.ts';

/** A name that pods may request, and what it stands for on the nodes. */
export interface PodMapping {
  /** The name of a custom resource; pods request `fpga.intel.com/<name>`. */
  readonly name: string;
  /** What the kubelet is asked for instead, without the namespace. */
  readonly target: string;
  /** `region` is programmed by the hook; the others are handed out as they are. */
  readonly mode: 'af' | 'region' | 'regiondevel';
  readonly interfaceId: string;
  /** Undefined for a region by itself. */
  readonly afuId?: string;
}

/** The spec of an AcceleratorFunction, group `fpga.intel.com/v2`. */
export interface AcceleratorFunctionSpec {
  readonly interfaceId: string;
  /** Of 32 digits, or 40 where it is the hash of an OpenCL kernel. */
  readonly afuId: string;
  /** `af`: a port that has the function already; `region`: one that gets it. */
  readonly mode: string;
}

/** @throws DevicePluginError `CONFIG_INVALID` for an id or a mode that is none. */
export function acceleratorFunctionMapping(name: string, spec: AcceleratorFunctionSpec): PodMapping {
  const { mode } = spec;
  const interfaceId = requireId(name, 'interfaceId', spec.interfaceId);
  const afuId = requireId(name, 'afuId', spec.afuId);
  // The schema of the custom resource lets other texts through that begin with af or end in region.
  if (mode !== 'af' && mode !== 'region') throw invalid(name, `mode ${JSON.stringify(mode)} is neither af nor region`);
  const target = mode === 'af' ? afResource(interfaceId, afuId) : regionResource(interfaceId);
  return { name, target, mode, interfaceId, afuId };
}

/**
 * The mapping of an FpgaRegion, group `fpga.intel.com/v2`.
 *
 * @throws DevicePluginError `CONFIG_INVALID` for an id that is none.
 */
export function fpgaRegionMapping(name: string, spec: { readonly interfaceId: string }): PodMapping {
  const interfaceId = requireId(name, 'interfaceId', spec.interfaceId);
  return { name, target: regionResource(interfaceId), mode: 'regiondevel', interfaceId };
}

/** As the plugin and the hook read ids: in either case, with dashes or without. */
function requireId(name: string, field: string, value: unknown): string {
  const id = typeof value === 'string' ? canonicalId(value) : '';
  if (!isFpgaId(id)) throw invalid(name, `${field} ${JSON.stringify(value)} is no id of hexadecimal digits`);
  return id;
}

function invalid(name: string, why: string): DevicePluginError {
  return new DevicePluginError('CONFIG_INVALID', `mapping ${name}: ${why}`);
}
