// SPDX-License-Identifier: Apache-2.0
import { ce48, d842, fpgaHost } from '@kube-device-plugins/fpga-plugin/fixtures';
import { gpuTree } from '@kube-device-plugins/gpu-plugin/fixtures';
import { cryptoPf, drivers, groupNodes, pfTree, vfTree } from '@kube-device-plugins/qat-plugin/fixtures';
import { dir, link, node, type FixtureTree } from '@kube-device-plugins/testkit';

/** A host, and a plugin that looks at it with these flags. */
export interface HostCase {
  readonly plugin: string;
  readonly flags: readonly string[];
  readonly tree: FixtureTree;
}

const gpus = gpuTree({
  0: { celsius: 40, mei: { 'xe.mei-gscfi.1024': 'mei1' } },
  1: { driver: 'xe', numaNode: -1 },
  2: { driver: null },
  3: { vendor: '0x10de' },
  4: { nodes: [] },
});

const qats: FixtureTree = {
  ...drivers('vfio-pci', '4xxxvf'),
  ...groupNodes(100, 101, 102),
  ...pfTree(cryptoPf('6b', 4)),
  ...vfTree({ bdf: '0000:70:00.1', id: '4941', driver: '4xxxvf', group: '7' }),
};

const fpgas = fpgaHost(
  { driver: 'dfl', number: 0, bdf: '0000:3b:00.0', fmes: { 0: ce48 }, ports: { 0: d842 } },
  { driver: 'dfl', number: 1, bdf: '0000:3c:00.0', fmes: { 1: ce48 }, ports: { 1: 'no id' } },
);

const serialPort = 'sys/devices/pci0000:00/0000:00:14.0/usb1/1-2';

/** A serial converter on a USB port, by the name that udev gives it. */
const usb: FixtureTree = {
  [`${serialPort}/idVendor`]: '0403\n',
  [`${serialPort}/idProduct`]: '6001\n',
  [`${serialPort}/serial`]: 'A50285BI\n',
  [`${serialPort}/busnum`]: '1\n',
  [`${serialPort}/devnum`]: '2\n',
  'sys/bus/usb/devices/1-2': link('../../../devices/pci0000:00/0000:00:14.0/usb1/1-2'),
  'dev/bus/usb/001/002': node('c', 189, 1),
  'dev/serial/by-id/usb-FTDI_FT232R_A50285BI-if00-port0': link('../../ttyUSB0'),
  'dev/ttyUSB0': node('c', 188, 0),
  'sys/class/tty': dir(),
};

const simpleDevices = ['-device', '{"name":"serial","groups":[{"paths":[{"path":"/dev/serial/by-id/*"}]}]}'];

export const hostCases: Readonly<Record<string, HostCase>> = {
  'GPUs, of which some are left out': { plugin: 'gpu', flags: [], tree: gpus },
  'shared GPUs with monitoring and health': {
    plugin: 'gpu',
    flags: ['-shared-dev-num=3', '-enable-monitoring'],
    tree: gpus,
  },
  'a GPU that is too hot': {
    plugin: 'gpu',
    flags: ['-health-source=sysfs', '-gpu-temp-limit=80'],
    tree: gpuTree({ 0: { celsius: 40, driver: 'xe' }, 1: { celsius: 95, driver: 'xe' } }),
  },
  'QAT functions, of which one has no node': { plugin: 'qat', flags: ['-bind-vfs=false'], tree: qats },
  'FPGA functions': { plugin: 'fpga', flags: ['-mode=af'], tree: fpgas },
  'FPGA regions': { plugin: 'fpga', flags: ['-mode=region'], tree: fpgas },
  'a serial port of USB': { plugin: 'simple', flags: simpleDevices, tree: usb },
  'simulated devices': { plugin: 'simple', flags: [], tree: {} },
};
