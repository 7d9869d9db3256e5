#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { Host, runCommand } from '@kube-device-plugins/core';
import { bitstreamDirectory } from './bitstreams/storage.ts';
import { maxStateBytes } from './crihook/bundle.ts';
import { programContainer } from './crihook/program-container.ts';
import { koffiIoctl } from './ioctl/koffi-ioctl.ts';

await runCommand({
  name: 'fpga-crihook',
  summary: 'programs the FPGA regions of a container before it starts, as an OCI hook (createRuntime)',
  flags: {
    bitstreams: { type: 'string', default: bitstreamDirectory, usage: 'directory of the installed bitstreams' },
    'dry-run': { type: 'bool', default: false, usage: 'check everything and program nothing' },
    prefix: { type: 'string', default: '', usage: 'directory in which /sys and /dev of the host are' },
  },
  examples: {
    'fpga-crihook <state.json': 'as a container runtime calls it: the state of the container on standard input',
    'fpga-crihook -dry-run <state.json': 'whether the container could start',
  },
  exitCodes: { 1: 'it failed, so that the container does not start; the last line of the log says why' },
  async run({ flags, readInput }, signal) {
    const access = { host: new Host(flags.prefix === '' ? '/' : flags.prefix), ioctl: koffiIoctl() };
    const options = { bitstreamDirectory: flags.bitstreams, dryRun: flags['dry-run'] };
    await programContainer(access, await readInput(maxStateBytes), options, signal);
    return undefined;
  },
});
