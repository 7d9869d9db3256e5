// SPDX-License-Identifier: Apache-2.0
import { e2e } from '@kube-device-plugins/e2e';
import { node } from '@kube-device-plugins/testkit';

await e2e({
  plugin: 'simple-plugin',
  hardware: {
    '/dev/kdp-e2e-plain': node('c', 10, 229),
    '/dev/kdp-e2e-simulated-0': node('c', 1, 3),
    '/dev/kdp-e2e-simulated-1': node('c', 1, 3),
  },
  nodes: 'host',
  files: {
    'config.yaml': `
      resources:
        - name: e2e.example.com/plain
          devices:
            - path: /dev/kdp-e2e-plain
              count: 3
      simulated:
        - resourceName: e2e.example.com/simulated
          numberDevicesOnNode: 2
          deviceIDPrefix: sim
          envPrefix: SIMULATED
          deviceFilePrefix: kdp-e2e-simulated
    `,
  },
  flags: ['-config={files}/config.yaml'],
  resources: { 'e2e.example.com/plain': 3, 'e2e.example.com/simulated': 2 },
  pod: {
    limits: { 'e2e.example.com/plain': 1, 'e2e.example.com/simulated': 2 },
    devices: [/^\/dev\/kdp-e2e-plain$/, /^\/dev\/kdp-e2e-simulated-0$/, /^\/dev\/kdp-e2e-simulated-1$/],
  },
});
