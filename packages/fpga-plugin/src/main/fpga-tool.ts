#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Host, log, type Remark, runCommand } from '@kube-device-plugins/core';
import { bitstreamDirectory } from './bitstreams/storage.ts';
import { koffiIoctl } from './ioctl/koffi-ioctl.ts';
import { runToolCommand } from './tool/tool-commands.ts';
import { toolFlags } from './tool/tool-context.ts';

await runCommand({
  name: 'fpga_tool',
  summary: 'shows FPGAs and bitstreams, installs bitstreams and programs FPGAs',
  flags: toolFlags,
  argumentsUsage: '<command>',
  examples: {
    'fpga_tool -b nlb0.gbs info': 'what a bitstream is',
    'fpga_tool -b nlb0.gbs install': 'copy it to where fpga-crihook finds it; -force replaces one',
    'fpga_tool list': 'the management engines (FME) and ports of this host; list-fme and list-port: one kind',
    'fpga_tool -d dfl-port.0 fpgainfo': 'what a device is; portinfo and fmeinfo are the same',
    'fpga_tool -b nlb0.gbs -d dfl-port.0 -dry-run pr':
      'whether a port can have a bitstream; without -dry-run: program it',
    'fpga_tool -d dfl-fme.0 -p 1 release':
      'take port 1 from its physical function, for a virtual one; assign: give it back',
  },
  exitCodes: { 1: 'it failed, or the command or what it needs is missing', 2: 'wrong flags; nothing was done' },
  async run({ flags, args, print }) {
    const root = flags.prefix === '' ? '/' : flags.prefix;
    const access = { host: new Host(root), ioctl: koffiIoctl() };
    const warn = ({ message, subject, reason }: Remark): void => {
      log.warn(message, { subject, reason });
    };
    await runToolCommand(args, { access, bitstreamDirectory: join(root, bitstreamDirectory), flags, print, warn });
    return undefined;
  },
});
