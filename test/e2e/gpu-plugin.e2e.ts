// SPDX-License-Identifier: Apache-2.0
import { e2e } from '@kube-device-plugins/e2e';

await e2e({
  plugin: 'gpu-plugin',
  hardwareProgram: {
    bundle: 'gpu-fakedev',
    command: 'intel_gpu_fakedev',
    args: ['-json', '{files}/gpus.json', '-node-files'],
  },
  files: { 'gpus.json': '{ "Info": "two GPUs", "DevCount": 2, "Driver": "i915", "DeviceId": "0x56c0" }\n' },
  nodes: 'prefix',
  // A link in by-path that is mounted is one more device node to a container.
  flags: ['-bypath=none', '-shared-dev-num=2', '-enable-monitoring'],
  resources: { 'gpu.intel.com/i915': 4, 'gpu.intel.com/monitoring': 1 },
  pod: {
    limits: { 'gpu.intel.com/i915': 1 },
    devices: [/^\/dev\/dri\/card[01]$/, /^\/dev\/dri\/renderD12[89]$/],
  },
});
