// SPDX-License-Identifier: Apache-2.0
import { fpgaHost, ce48, d842, type CardFixture } from '@kube-device-plugins/fpga-plugin/fixtures';
import { gpuTree } from '@kube-device-plugins/gpu-plugin/fixtures';
import { cryptoPf, drivers, pfTree } from '@kube-device-plugins/qat-plugin/fixtures';
import type { FixtureTree } from '@kube-device-plugins/testkit';

/** /sys and /dev of a node with two GPUs, a QAT device with four virtual functions, and an FPGA. */
export function nodeHost(): FixtureTree {
  return { ...gpuTree({ 0: { celsius: 40 }, 1: { celsius: 40 } }), ...qatHost(), ...fpgaHost(fpgaCard) };
}

function qatHost(): FixtureTree {
  const groups = [100, 101, 102, 103].map((group) => [`/dev/vfio/${group}`, 'c 240:1'] as const);
  return {
    ...drivers('vfio-pci'),
    '/dev/vfio/vfio': 'c 10:196',
    ...Object.fromEntries(groups),
    ...pfTree(cryptoPf('6b', 4)),
  };
}

const fpgaCard: CardFixture = { driver: 'dfl', number: 0, bdf: '0000:3b:00.0', fmes: { 0: ce48 }, ports: { 0: d842 } };

/** What it has, with the flags that the tests give. */
export const resources = {
  gpu: 'gpu.intel.com/i915',
  qat: 'qat.intel.com/cy',
  fpga: `fpga.intel.com/region-${ce48}`,
} as const;
