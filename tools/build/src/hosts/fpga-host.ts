// SPDX-License-Identifier: Apache-2.0
import { link, type FixtureTree } from '@kube-device-plugins/testkit';

/** /sys and /dev of a host with one FPGA, as the DFL drivers lay it out: a management engine with a region, and a port. Files stand for the device nodes. */
export function fpgaHost(): FixtureTree {
  const pci = 'sys/devices/pci0000:5e/0000:5e:00.0';
  const card = `${pci}/fpga_region/region0`;
  return {
    [`${pci}/vendor`]: '0x8086\n',
    [`${pci}/device`]: '0x09c4\n',
    [`${pci}/numa_node`]: '0\n',
    [`${pci}/local_cpulist`]: '0-3\n',
    [`${card}/device`]: link('../..'),
    [`${card}/dfl-fme.0/dev`]: '243:0\n',
    [`${card}/dfl-fme.0/dfl-fme-region.0/fpga_region/region10/compat_id`]: 'ce48969398f05f33946d560708be108a\n',
    [`${card}/dfl-port.0/dev`]: '243:100\n',
    [`${card}/dfl-port.0/afu_id`]: 'd8424dc4a4a3c413f89e433683f9040b\n',
    [`${card}/dfl-port.0/id`]: '0\n',
    'sys/class/fpga_region/region0': link('../../devices/pci0000:5e/0000:5e:00.0/fpga_region/region0'),
    'sys/dev/char/243:0': link('../../devices/pci0000:5e/0000:5e:00.0/fpga_region/region0/dfl-fme.0'),
    'sys/dev/char/243:100': link('../../devices/pci0000:5e/0000:5e:00.0/fpga_region/region0/dfl-port.0'),
    'dev/dfl-fme.0': 'c 243:0\n',
    'dev/dfl-port.0': 'c 243:100\n',
  };
}
