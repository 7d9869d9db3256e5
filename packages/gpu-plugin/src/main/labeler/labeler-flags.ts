// SPDX-License-Identifier: Apache-2.0
import type { FlagDefinitions } from '@kube-device-plugins/core';
import { featuresDirectory, pathProblem, periodProblem } from '../labels/label-flags.ts';

/** The flags of gpu-labeler. */
export const labelerFlags = {
  output: {
    type: 'string',
    default: `${featuresDirectory}/intel-gpu-resources.txt`,
    usage: 'label file, which is removed at the end',
    check: pathProblem,
  },
  interval: {
    type: 'duration',
    default: 60_000,
    usage: 'time between two looks; a device node that comes or goes is seen at once',
    check: periodProblem,
  },
  stdout: { type: 'bool', default: false, usage: 'print the labels once and end, as gpu_nfdhook did' },
  prefix: { type: 'string', default: '', usage: 'directory to look for /sys and /dev in' },
  'levelzero-socket': {
    type: 'string',
    default: '',
    usage: 'socket of the Level-Zero sidecar, to ask it for amounts of memory; empty not to',
  },
} as const satisfies FlagDefinitions;
