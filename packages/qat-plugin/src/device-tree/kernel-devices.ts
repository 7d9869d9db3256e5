// SPDX-License-Identifier: Apache-2.0
import { DeviceTree, type DeviceSpec } from '@kube-device-plugins/core';
import type { KernelDevice, KernelSnapshot } from '../sysfs/kernel-mode/read-kernel-devices.ts';
import { commonSections, type CommonSection } from './common-sections.ts';
import { sectionVariable } from './section-names.ts';

/**
 * Publishes one device for each process that a section of the QAT driver's configuration serves: `cy6_dc2` has 6 crypto and 2 compression
 * instances. A section that is not pinned is served by all endpoints together, so its processes count once; a pinned one has as many on each.
 *
 * Every device gives the nodes of all endpoints: the driver itself finds the one that serves the section.
 *
 * @throws DevicePluginError `CONFIG_INVALID` where the devices contradict each other.
 * Upstream: cmd/qat_plugin/kerneldrv, v0.32.1.
 */
export function kernelDeviceTree({ devices }: Pick<KernelSnapshot, 'devices'>): DeviceTree {
  const tree = new DeviceTree();
  const nodes = nodesOf(devices);
  let count = 0;
  for (const section of commonSections(devices)) {
    const resource = `cy${section.cyInstances}_dc${section.dcInstances}`;
    for (const id of deviceIds(section)) {
      const envs = { [sectionVariable(resource, count++)]: section.name, QAT_SECTION_NAME: section.name };
      tree.addDevice(resource, id, { health: 'Healthy', nodes, envs });
    }
  }
  return tree;
}

function nodesOf(devices: readonly KernelDevice[]): DeviceSpec[] {
  return [...controlNodes, ...devices.flatMap(({ uioNodes }) => uioNodes)].map((name) => {
    const path = `/dev/${name}`;
    return { hostPath: path, containerPath: path, permissions: 'rw' };
  });
}

/** Of the QAT driver and its memory driver. */
const controlNodes = ['qat_adf_ctl', 'qat_dev_processes', 'usdm_drv'];

function deviceIds({ name, isPinned, endpoints }: CommonSection): string[] {
  const serving = isPinned ? endpoints : endpoints.slice(0, 1);
  return serving.flatMap(({ id, processes }) =>
    Array.from({ length: processes }, (_, index) => `${name}_${id}_${index}`),
  );
}
