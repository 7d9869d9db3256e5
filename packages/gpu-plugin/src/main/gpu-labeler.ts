#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { Host, runCommand } from '@kube-device-plugins/core';
import { labelSettings, labelVariables } from './labeler/label-settings.ts';
import { labelerFlags } from './labeler/labeler-flags.ts';
import { levelZeroMemory } from './labeler/level-zero-memory.ts';
import { labelReader, runLabeler } from './labeler/run-labeler.ts';
import { labelLines } from './labels/label-file.ts';

await runCommand({
  name: 'gpu-labeler',
  summary: "writes labels of the node's Intel GPUs for Node Feature Discovery",
  flags: labelerFlags,
  environment: labelVariables,
  examples: {
    'gpu-labeler': 'keeps the label file right until it is stopped, and removes it then',
    'gpu-labeler -stdout': 'prints the labels once',
    'GPU_PCI_GROUPING_LEVEL=3 gpu-labeler -stdout': 'and which GPUs hang on the same PCI bridge',
  },
  async run({ flags, env, print }, signal) {
    const host = new Host(flags.prefix === '' ? '/' : flags.prefix);
    const socket = flags['levelzero-socket'];
    using memory = socket === '' ? undefined : levelZeroMemory(socket);
    const labeler = { host, settings: labelSettings(env), memory };
    if (flags.stdout) print(labelLines(await labelReader(labeler, signal)()));
    else await runLabeler(labeler, flags.output, flags.interval, signal);
    return undefined;
  },
});
