#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { log, runCommand } from '@kube-device-plugins/core';
import { installPrograms } from './fpga-init/install-programs.ts';

await runCommand({
  name: 'fpga-init',
  summary:
    'puts the hook that programs FPGAs, and fpga_tool, on the node: with Node.js, for the runtime runs them outside of containers',
  flags: {
    from: { type: 'string', default: import.meta.dirname, usage: 'directory with the programs' },
    to: { type: 'string', default: '/opt/intel/fpga-sw', usage: 'directory of the node, mounted under its own path' },
  },
  examples: { 'fpga-init': 'as the init container runs it' },
  async run({ flags: { from, to } }) {
    const files = await installPrograms({ node: process.execPath, from, to });
    log.info('programs are installed', { to, files });
    return undefined;
  },
});
