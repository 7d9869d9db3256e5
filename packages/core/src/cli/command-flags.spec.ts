// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseCommandFlags } from './command-flags.ts';
import type { CommandDescription } from './command-help.ts';

const command = {
  name: 'tool',
  summary: 'does something',
  flags: { level: { type: 'int', default: 3, usage: 'how much' }, all: { type: 'bool', default: false, usage: 'all' } },
  examples: {},
} as const satisfies CommandDescription;

describe('parseCommandFlags()', () => {
  it('gives the values of its own flags and the settings of the log', () => {
    expect(parseCommandFlags(command, ['-all', '-v', '4'], { KDP_LEVEL: '7' })).toMatchObject({
      kind: 'run',
      flags: { level: 7, all: true },
      klog: { v: 4 },
      args: [],
    });
  });

  it('refuses arguments where the program takes none', () => {
    expect(parseCommandFlags(command, ['x'], {})).toEqual({
      kind: 'error',
      message: 'unexpected argument "x": there are only flags\ntool -h shows what there is\n',
    });
  });

  it('shows a table of flags, and no section that would be empty', () => {
    const help = parseCommandFlags(command, ['-h'], {});
    expect(help).toMatchObject({
      kind: 'help',
      text: expect.stringContaining('\n\nFlags:\n  -all        all\n  -level int  how much (default 3)\n\n') as string,
    });
    expect(help).toMatchObject({ text: expect.not.stringMatching(/Examples|Environment:/) as string });
  });

  it('refuses a program with a flag of klog of its own', () => {
    const twice = { ...command, flags: { 'log-dir': command.flags.all } };
    expect(() => parseCommandFlags(twice, [], {})).toThrow('every program has a flag -log-dir');
  });
});
