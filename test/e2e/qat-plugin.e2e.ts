// SPDX-License-Identifier: Apache-2.0
import { e2e } from '@kube-device-plugins/e2e';
import { qatHardware } from './hardware/qat-hardware.ts';

await e2e({
  plugin: 'qat-plugin',
  hardware: qatHardware(),
  nodes: 'host',
  resources: { 'qat.intel.com/cy': 2, 'qat.intel.com/dc': 2 },
  pod: {
    limits: { 'qat.intel.com/cy': 1, 'qat.intel.com/dc': 1 },
    devices: [/^\/dev\/vfio\/9000[01]$/, /^\/dev\/vfio\/9000[23]$/, /^\/dev\/vfio\/vfio$/],
    env: { QAT0: /^0000:(6b|70):00\.[12]$/ },
  },
});
