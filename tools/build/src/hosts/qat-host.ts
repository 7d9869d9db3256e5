// SPDX-License-Identifier: Apache-2.0
import { link, type FixtureEntry, type FixtureTree } from '@kube-device-plugins/testkit';

/** The most virtual functions (VFs) that a physical one (PF) has here. */
const mostVfs = 128;

/** /sys and /dev of a host with so many QAT VFs, on 4 PFs or as many as it takes, all with vfio-pci. Files stand for the device nodes. */
export function qatHost(vfs: number): FixtureTree {
  const pfs = Math.max(4, vfs / mostVfs);
  const tree: Record<string, FixtureEntry> = {
    'sys/bus/pci/drivers/vfio-pci/bind': '',
    'dev/vfio/vfio': 'c 10:196\n',
  };
  for (let pf = 0; pf < pfs; pf += 1) Object.assign(tree, physicalFunction(pf, vfs / pfs));
  return tree;
}

function physicalFunction(pf: number, vfs: number): FixtureTree {
  const bus = (0x6b + 2 * pf).toString(16);
  const bdf = `0000:${bus}:00.0`;
  const parent = `sys/devices/pci0000:${bus}`;
  const tree: Record<string, FixtureEntry> = {
    [`${parent}/${bdf}/qat/state`]: 'up\n',
    [`${parent}/${bdf}/qat/cfg_services`]: 'sym;asym\n',
    [`sys/kernel/debug/qat_4xxx_${bdf}/heartbeat/status`]: '0\n',
    [`sys/bus/pci/devices/${bdf}`]: link(`../../../devices/pci0000:${bus}/${bdf}`),
    [`sys/bus/pci/drivers/4xxx/${bdf}`]: link(`../../../../devices/pci0000:${bus}/${bdf}`),
  };
  for (let index = 0; index < vfs; index += 1) {
    const place = index + 1;
    const vf = `0000:${bus}:${(place >> 3).toString(16).padStart(2, '0')}.${place & 7}`;
    Object.assign(tree, virtualFunction(`${parent}/${vf}`, vf, bdf, 100 + pf * mostVfs + index));
    tree[`${parent}/${bdf}/virtfn${index}`] = link(`../${vf}`);
  }
  return tree;
}

/** With an IOMMU group of its own. */
function virtualFunction(directory: string, bdf: string, pf: string, group: number): FixtureTree {
  const groupDirectory = `sys/kernel/iommu_groups/${group}`;
  return {
    [`${directory}/vendor`]: '0x8086\n',
    [`${directory}/device`]: '0x4941\n',
    [`${directory}/numa_node`]: '0\n',
    [`${directory}/local_cpulist`]: '0-3\n',
    [`${directory}/physfn`]: link(`../${pf}`),
    [`${directory}/driver`]: link('../../../bus/pci/drivers/vfio-pci'),
    [`${directory}/iommu_group`]: link(`../../../../${groupDirectory}`),
    [`${groupDirectory}/devices/${bdf}`]: link(`../../../../${directory.slice('sys/'.length)}`),
    [`sys/bus/pci/devices/${bdf}`]: link(`../../../${directory.slice('sys/'.length)}`),
    [`sys/devices/virtual/vfio/${group}/dev`]: `240:${group}\n`,
    [`sys/dev/char/240:${group}`]: link(`../../devices/virtual/vfio/${group}`),
    [`dev/vfio/${group}`]: `c 240:${group}\n`,
  };
}
