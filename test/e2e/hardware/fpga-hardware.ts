// SPDX-License-Identifier: Apache-2.0
import { link, node, type FixtureTree } from '@kube-device-plugins/testkit';

const interfaceId = 'ce48969398f05f33946d560708be108a';
const functionId = 'd8424dc4a4a3c413f89e433683f9040b';

/** Both ids in Base64, behind the first three characters of each. */
export const fpgaFunction = 'fpga.intel.com/af-ce4.d84.zkiWk5jwXzOUbVYHCL4QithCTcSko8QT-J5DNoP5BAs';

/** Two boards with one function each, under numbers that no host has: the driver counts from 0. */
export function fpgaHardware(): FixtureTree {
  return { ...board(9000, '0000:3b:00.0'), ...board(9001, '0000:3c:00.0') };
}

/** One region with one port, as the driver of the kernel (DFL) shows them. */
function board(number: number, bdf: string): FixtureTree {
  const pci = `/sys/devices/pci${bdf.slice(0, -5)}/${bdf}`;
  const region = `${pci}/fpga_region/region${number}`;
  return {
    [`${pci}/vendor`]: '0x8086\n',
    [`${pci}/device`]: '0x09c4\n',
    [`${pci}/class`]: '0x120000\n',
    [`${region}/device`]: link('../..'),
    [`${region}/dfl-fme.${number}/dfl-fme-region.0/fpga_region/region${number + 10}/compat_id`]: `${interfaceId}\n`,
    [`${region}/dfl-fme.${number}/dev`]: `243:${number}\n`,
    [`${region}/dfl-port.${number}/afu_id`]: `${functionId}\n`,
    [`${region}/dfl-port.${number}/dev`]: `244:${number}\n`,
    [`/sys/class/fpga_region/region${number}`]: link(`../..${region.slice('/sys'.length)}`),
    [`/dev/dfl-fme.${number}`]: node('c', 243, number),
    [`/dev/dfl-port.${number}`]: node('c', 244, number),
  };
}
