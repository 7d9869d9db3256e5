// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, type FlagDefinitions, type FlagValues, type Remark } from '@kube-device-plugins/core';
import type { FpgaAccess } from '../programming/fpga-access.ts';

/** The flags of fpga_tool, those of upstream's and `prefix`. */
export const toolFlags = {
  b: { type: 'string', default: '', usage: 'bitstream file, .gbs or .aocx' },
  d: { type: 'string', default: '', usage: 'device: a node in /dev, or its name' },
  'dry-run': { type: 'bool', default: false, usage: 'check everything and change nothing' },
  force: { type: 'bool', default: false, usage: 'install over a bitstream that is installed' },
  p: { type: 'uint', default: 0, usage: 'number of a port, for release and assign', check: portNumberProblem },
  prefix: { type: 'string', default: '', usage: 'directory in which /sys, /dev and /srv of the host are' },
  q: { type: 'bool', default: false, usage: 'print less' },
} as const satisfies FlagDefinitions;

/** Far more than an engine has, and surely within the u32 that the drivers take. */
function portNumberProblem(value: number): string | undefined {
  return value > 65_535 ? 'must be at most 65535' : undefined;
}

/** What a command of fpga_tool works with. */
export interface ToolContext {
  readonly access: FpgaAccess;
  readonly bitstreamDirectory: string;
  readonly flags: FlagValues<typeof toolFlags>;
  readonly print: (text: string) => void;
  /** Says what is not as it should be, beside the output. */
  readonly warn: (remark: Remark) => void;
}

/**
 * The value of a flag that a command needs.
 *
 * @throws DevicePluginError `PROGRAMMING_REFUSED` when it is not given.
 */
export function needed({ flags }: ToolContext, flag: 'b' | 'd'): string {
  if (flags[flag] !== '') return flags[flag];
  const what = flag === 'b' ? '-b <bitstream file>' : '-d <device>';
  throw new DevicePluginError(
    'PROGRAMMING_REFUSED',
    `${what} is missing: this command needs it, in front of the command`,
  );
}

/** Lines of names and values, the values one below the other. */
export function table(rows: Readonly<Record<string, string | number>>): string {
  const width = Math.max(...Object.keys(rows).map((name) => name.length));
  return Object.entries(rows)
    .map(([name, value]) => `${name.padEnd(width)} : ${value}\n`)
    .join('');
}
