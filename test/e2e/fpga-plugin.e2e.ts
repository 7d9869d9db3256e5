// SPDX-License-Identifier: Apache-2.0
import { e2e } from '@kube-device-plugins/e2e';
import { fpgaFunction, fpgaHardware } from './hardware/fpga-hardware.ts';

await e2e({
  plugin: 'fpga-plugin',
  hardware: fpgaHardware(),
  nodes: 'host',
  resources: { [fpgaFunction]: 2 },
  pod: { limits: { [fpgaFunction]: 1 }, devices: [/^\/dev\/dfl-port\.900[01]$/] },
});
