// SPDX-License-Identifier: Apache-2.0
import type { FlagDefinitions } from '@kube-device-plugins/core';

/** The flags of gpu-fakedev. */
export const fakedevFlags = {
  json: { type: 'string', default: '', usage: 'file that says which GPUs to fake' },
  verbose: { type: 'bool', default: false, usage: 'log what is read and each path that is made' },
  'node-files': {
    type: 'bool',
    default: false,
    usage: 'make files with the text "c 1:3" instead of device nodes, which only root can make',
  },
} as const satisfies FlagDefinitions;
