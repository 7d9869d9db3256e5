// SPDX-License-Identifier: Apache-2.0
import type { Host } from '@kube-device-plugins/core';
import type { VfAccess } from './vf-access.ts';

/** The directory of the nodes, in which one comes or goes with each binding. */
export const vfioDirectory = '/dev/vfio';

/** The nodes of VFIO that can be seen; none where the directory is not mounted. */
export interface VfioNodes {
  readonly names: ReadonlySet<string>;
  /** Whether the kernel has IOMMUFD; its node is in /dev, which a plugin in a container does not see. */
  readonly hasIommufd: boolean;
}

/** Read once for all VFs, after they are bound. Kernel: drivers/iommu/iommufd/main.c registers the misc device `iommu`. */
export async function readVfioNodes(host: Host): Promise<VfioNodes> {
  const hasIommufd = (await host.exists(iommufdNode)) || (await host.exists('/sys/class/misc/iommu'));
  return { names: new Set(await host.list(vfioDirectory)), hasIommufd };
}

const iommufdNode = '/dev/iommu';

/**
 * What a container needs to use a VF through vfio-pci: the node of its IOMMU group and the control node. Both have to be there,
 * where any node can be seen.
 *
 * @param before - the node of the scan before. Whether there is an IOMMU is settled at boot, and the kernel names a group before
 *   it puts a device into it (vfio_noiommu_group_alloc), so the node still holds for the same group.
 * Kernel: Documentation/driver-api/vfio.rst; `noiommu-` is in the node of a group that the kernel made up (drivers/vfio/group.c).
 */
export async function readGroupAccess(
  host: Host,
  vfDirectory: string,
  { names }: VfioNodes,
  before?: string,
): Promise<VfAccess> {
  const group = await host.linkName(`${vfDirectory}/iommu_group`);
  if (group === undefined)
    return { problem: 'it has no IOMMU group: switch on the IOMMU, in the firmware and with intel_iommu=on' };
  const [real, madeUp] = [group, `noiommu-${group}`];
  const isKnown = before === `${vfioDirectory}/${real}` || before === `${vfioDirectory}/${madeUp}`;
  const isMadeUp = isKnown
    ? before.endsWith(madeUp)
    : (await host.readText(`${vfDirectory}/iommu_group/name`)) === 'vfio-noiommu';
  const needed = [isMadeUp ? madeUp : real, 'vfio'] as const;
  const missing = names.size === 0 ? undefined : needed.find((name) => !names.has(name));
  if (missing !== undefined) return { problem: `there is no ${vfioDirectory}/${missing}: see dmesg for vfio` };
  return { nodes: [`${vfioDirectory}/${needed[0]}`, `${vfioDirectory}/${needed[1]}`], mounts: [] };
}

/**
 * The same through IOMMUFD: a node of the VF's own, and the one of IOMMUFD. The node of the group where the kernel lacks one of them.
 * Kernel: Documentation/driver-api/vfio.rst, "VFIO Device cdev" (Linux 6.6, CONFIG_VFIO_DEVICE_CDEV, which always brings /dev/iommu).
 */
export async function readIommufdAccess(
  host: Host,
  vfDirectory: string,
  visible: VfioNodes,
  before?: string,
): Promise<VfAccess> {
  const name = (await host.list(`${vfDirectory}/vfio-dev`)).find((entry) => /^vfio\d+$/.test(entry));
  const node = `${vfioDirectory}/devices/${name ?? ''}`;
  const hasNode = name !== undefined && (await host.exists(node));
  if (hasNode && visible.hasIommufd) return { nodes: [node, iommufdNode], mounts: [] };
  const access = await readGroupAccess(host, vfDirectory, visible, before);
  if ('problem' in access) return access;
  if (hasNode) return { ...access, remark: `there is no ${iommufdNode}` };
  return { ...access, remark: `the kernel has no ${name === undefined ? 'vfio-dev' : 'node'} for it` };
}
