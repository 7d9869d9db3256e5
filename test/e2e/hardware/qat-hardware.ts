// SPDX-License-Identifier: Apache-2.0
import { link, node, type FixtureTree } from '@kube-device-plugins/testkit';

/** Groups that no host has: IOMMU groups count from 0. */
const firstGroup = 90_000;

/** Two functions for crypto and two for compression, 0000:6b:00.1 and so on. */
export function qatHardware(): FixtureTree {
  return {
    '/sys/bus/pci/drivers/vfio-pci/bind': '',
    '/dev/vfio/vfio': node('c', 10, 196),
    ...physicalFunction('6b', 'sym;asym', firstGroup),
    ...physicalFunction('70', 'dc', firstGroup + 2),
  };
}

/** One of the fourth generation with two virtual functions that vfio-pci has. */
function physicalFunction(bus: string, services: string, group: number): FixtureTree {
  const [parent, bdf] = [`/sys/devices/pci0000:${bus}`, `0000:${bus}:00.0`];
  return {
    [`${parent}/${bdf}/driver`]: link('../../../bus/pci/drivers/4xxx'),
    [`${parent}/${bdf}/qat/state`]: 'up\n',
    [`${parent}/${bdf}/qat/cfg_services`]: `${services}\n`,
    [`/sys/bus/pci/devices/${bdf}`]: link(`../../../devices/pci0000:${bus}/${bdf}`),
    ...virtualFunction(parent, bdf, 1, group),
    ...virtualFunction(parent, bdf, 2, group + 1),
    [`/sys/bus/pci/drivers/4xxx/${bdf}`]: link(`../../../../devices/pci0000:${bus}/${bdf}`),
  };
}

function virtualFunction(parent: string, pf: string, index: number, group: number): FixtureTree {
  const bdf = pf.replace(/0$/, String(index));
  const directory = `${parent}/${bdf}`;
  return {
    [`${parent}/${pf}/virtfn${index - 1}`]: link(`../${bdf}`),
    [`${directory}/physfn`]: link(`../${pf}`),
    [`${directory}/vendor`]: '0x8086\n',
    [`${directory}/device`]: '0x4941\n',
    [`${directory}/driver`]: link('../../../bus/pci/drivers/vfio-pci'),
    [`${directory}/iommu_group`]: link(`../../../kernel/iommu_groups/${group}`),
    [`/sys/kernel/iommu_groups/${group}/devices/${bdf}`]: link(`../../../..${directory.slice('/sys'.length)}`),
    [`/sys/bus/pci/devices/${bdf}`]: link(`../../..${directory.slice('/sys'.length)}`),
    [`/dev/vfio/${group}`]: node('c', 240, group - firstGroup),
  };
}
