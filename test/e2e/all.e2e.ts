// SPDX-License-Identifier: Apache-2.0
import { e2e } from '@kube-device-plugins/e2e';
import { fpgaFunction, fpgaHardware } from './hardware/fpga-hardware.ts';
import { qatHardware } from './hardware/qat-hardware.ts';

// Two plugins in one process; that of GPUs would have its nodes elsewhere.
await e2e({
  plugin: 'all',
  hardware: { ...qatHardware(), ...fpgaHardware() },
  nodes: 'host',
  flags: ['-plugins=qat,fpga'],
  resources: { 'qat.intel.com/cy': 2, 'qat.intel.com/dc': 2, [fpgaFunction]: 2 },
  pod: {
    limits: { 'qat.intel.com/cy': 1, [fpgaFunction]: 1 },
    devices: [/^\/dev\/dfl-port\.900[01]$/, /^\/dev\/vfio\/9000[01]$/, /^\/dev\/vfio\/vfio$/],
    env: { QAT0: /^0000:6b:00\.[12]$/ },
  },
});
