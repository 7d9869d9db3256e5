#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { runCommand } from '@kube-device-plugins/core';
import { runXpumanagerLabels } from './xpumanager/run-xpumanager-labels.ts';
import { xpumanagerFlags } from './xpumanager/xpumanager-flags.ts';

await runCommand({
  name: 'xpumanager-labels',
  summary:
    'writes labels of the Xe links between GPUs, as XPU Manager on this node knows them, for Node Feature Discovery',
  flags: xpumanagerFlags,
  examples: {
    'xpumanager-labels': 'keeps the label file right until it is stopped, and removes it then',
    'xpumanager-labels -allow-subdeviceless-links': 'for GPUs of one tile',
    'xpumanager-labels -cert /certs/ca.pem': 'asks over HTTPS',
  },
  async run({ flags }, signal) {
    await runXpumanagerLabels(flags, signal);
    return undefined;
  },
});
