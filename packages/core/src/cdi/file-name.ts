// SPDX-License-Identifier: Apache-2.0
import type { CdiDevice } from './device.ts';

/**
 * Name of the file that describes the device: `intel.cdi.k8s.io-fpga-intel-fpga-fme.0.yaml`.
 *
 * It is that of intel-device-plugins-for-kubernetes for every device whose vendor and class have no `-`. Each character
 * that a file name cannot have, or that would give two devices one file, is written as `%` and its code: nothing that
 * is valid in a kind or a name is a `%`. A PCI address thus becomes `0000%3a6b%3a00.1`.
 */
export function cdiFileName(device: CdiDevice): string {
  const kind = device.kind.split('/').map((part) => part.replace(/[^\w.]/g, percentCode));
  return `${[...kind, device.name.replace(/[^\w.-]/g, percentCode)].join('-')}.yaml`;
}

function percentCode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
