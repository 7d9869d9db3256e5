// SPDX-License-Identifier: Apache-2.0
import type { Host } from '@kube-device-plugins/core';
import type { VfAccess } from './vf-access.ts';

/**
 * What a container needs to use a VF through igb_uio: its node, and its sysfs directory, whose resources DPDK maps.
 * Kernel: Documentation/driver-api/uio-howto.rst.
 */
export async function readUioAccess(host: Host, vfDirectory: string): Promise<VfAccess> {
  const [name] = await host.list(`${vfDirectory}/uio`);
  if (name === undefined) return { problem: 'it has no uio device: is it bound to igb_uio?' };
  return { nodes: [`/dev/${name}`], mounts: [`/sys/class/uio/${name}/device`] };
}
