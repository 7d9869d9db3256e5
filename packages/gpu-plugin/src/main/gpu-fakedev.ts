#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { log, runCommand } from '@kube-device-plugins/core';
import { fakeGpuTree } from './fakedev/fake-gpu-tree.ts';
import { fakedevFlags } from './fakedev/fakedev-flags.ts';
import { readFakeGpuSpec } from './fakedev/read-fake-gpu-spec.ts';
import { writeFakeTree } from './fakedev/write-fake-tree.ts';

await runCommand({
  name: 'gpu-fakedev',
  summary: 'makes /sys and /dev of a node with Intel GPUs below the working directory, for a plugin with -prefix',
  flags: fakedevFlags,
  examples: {
    'cd /tmp/fake && gpu-fakedev -json 8x-dg1.json': 'makes sys and dev there; needs root, for the device nodes',
    'gpu-fakedev -json 8x-dg1.json -node-files': 'with files in the place of device nodes; anybody can',
    'gpu-plugin -prefix /tmp/fake': 'finds those GPUs',
  },
  async run({ flags }, signal) {
    const spec = await readFakeGpuSpec(flags.json);
    if (spec.Info !== '') log.info('faking', { info: spec.Info });
    if (flags.verbose) log.info('spec', { spec: JSON.stringify(spec) });
    const tree = fakeGpuTree(spec);
    const options = { nodeFiles: flags['node-files'], verbose: flags.verbose };
    await writeFakeTree(resolve('.'), tree, options, signal);
    log.info('fake devices made', { directory: resolve('.'), devices: spec.DevCount, paths: Object.keys(tree).length });
    return undefined;
  },
});
