// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import { describeBitstream, installBitstream } from './bitstream-commands.ts';
import { describeDevice } from './describe-device.ts';
import { listDevices } from './list-devices.ts';
import { movePort, programDevice } from './program-device.ts';
import type { ToolContext } from './tool-context.ts';

/** The commands of fpga_tool by their names, those of upstream's. */
export const toolCommands: Readonly<Record<string, (context: ToolContext) => Promise<void>>> = {
  info: describeBitstream,
  install: installBitstream,
  list: (context) => listDevices(context, ['fmes', 'ports']),
  'list-fme': (context) => listDevices(context, ['fmes']),
  'list-port': (context) => listDevices(context, ['ports']),
  fpgainfo: describeDevice,
  fmeinfo: describeDevice,
  portinfo: describeDevice,
  pr: programDevice,
  release: (context) => movePort(context, 'releasePort'),
  assign: (context) => movePort(context, 'assignPort'),
};

/**
 * Runs the one command that the arguments name.
 *
 * @throws DevicePluginError `PROGRAMMING_REFUSED` when they name none or several, and what the command throws.
 */
export async function runToolCommand(args: readonly string[], context: ToolContext): Promise<void> {
  const [name = '', ...more] = args;
  const command = Object.hasOwn(toolCommands, name) ? toolCommands[name] : undefined;
  if (command === undefined || more.length > 0) {
    const given = args.length === 0 ? 'no command' : `${JSON.stringify(args.join(' '))} is no command`;
    const rule = 'flags stand in front of it, and these are the commands';
    throw new DevicePluginError('PROGRAMMING_REFUSED', `${given}; ${rule}: ${Object.keys(toolCommands).join(', ')}`);
  }
  await command(context);
}
