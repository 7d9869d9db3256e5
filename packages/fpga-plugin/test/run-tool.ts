// SPDX-License-Identifier: Apache-2.0
import type { Remark } from '@kube-device-plugins/core';
import { runToolCommand } from '../src/main/tool/tool-commands.ts';
import type { ToolContext } from '../src/main/tool/tool-context.ts';
import type { ProgramWorld } from './program-world.ts';

/** Runs a command of fpga_tool; what it prints. An error has what was printed before it. Warnings go to the list. */
export async function runTool(
  { access, bitstreamDirectory }: ProgramWorld,
  command: string,
  flags: Partial<ToolContext['flags']> = {},
  warned: Remark[] = [],
): Promise<string> {
  let printed = '';
  const print = (text: string) => (printed += text);
  const warn = (remark: Remark) => warned.push(remark);
  const args = command.split(' ').filter((arg) => arg !== '');
  try {
    await runToolCommand(args, { access, bitstreamDirectory, flags: { ...noFlags, ...flags }, print, warn });
  } catch (error) {
    throw Object.assign(error as Error, { printed });
  }
  return printed;
}

const noFlags = { b: '', d: '', 'dry-run': false, force: false, p: 0, prefix: '', q: false };
