// SPDX-License-Identifier: Apache-2.0
import type { Host } from '@kube-device-plugins/core';
import type { VfAccess } from './vf-access.ts';

/** The directory of the nodes, in which one comes or goes with each binding. */
export const vfioDirectory = '/dev/vfio';

/**
 * What a container needs to use a VF through vfio-pci: the node of its IOMMU group and the control node.
 *
 * @param before - the node of the scan before. Whether there is an IOMMU is settled at boot, and the kernel names a group before
 *   it puts a device into it (vfio_noiommu_group_alloc), so the node still holds for the same group.
 * Kernel: Documentation/driver-api/vfio.rst; `noiommu-` is in the node of a group that the kernel made up (drivers/vfio/group.c).
 */
export async function readGroupAccess(host: Host, vfDirectory: string, before?: string): Promise<VfAccess> {
  const group = await host.linkName(`${vfDirectory}/iommu_group`);
  if (group === undefined)
    return { problem: 'it has no IOMMU group: switch on the IOMMU, in the firmware and with intel_iommu=on' };
  const [real, madeUp] = [`${vfioDirectory}/${group}`, `${vfioDirectory}/noiommu-${group}`];
  const isKnown = before === real || before === madeUp;
  const name = isKnown ? undefined : await host.readText(`${vfDirectory}/iommu_group/name`);
  const node = isKnown ? before : name === 'vfio-noiommu' ? madeUp : real;
  return { nodes: [node, `${vfioDirectory}/vfio`], mounts: [] };
}

/**
 * The same through IOMMUFD: a node of the VF's own, and the one of IOMMUFD. The node of the group where the kernel has no such node.
 * Kernel: Documentation/driver-api/vfio.rst, "VFIO Device cdev" (Linux 6.6, CONFIG_VFIO_DEVICE_CDEV, which always brings /dev/iommu).
 */
export async function readIommufdAccess(host: Host, vfDirectory: string, before?: string): Promise<VfAccess> {
  const name = (await host.list(`${vfDirectory}/vfio-dev`)).find((entry) => /^vfio\d+$/.test(entry));
  const node = `${vfioDirectory}/devices/${name ?? ''}`;
  if (name !== undefined && (await host.exists(node))) return { nodes: [node, '/dev/iommu'], mounts: [] };
  const access = await readGroupAccess(host, vfDirectory, before);
  if ('problem' in access) return access;
  return { ...access, remark: `the kernel has no ${name === undefined ? 'vfio-dev' : 'node'} for it` };
}
