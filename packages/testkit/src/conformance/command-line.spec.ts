// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseCommandLine, subjectOf } from './command-line.ts';

describe('parseCommandLine()', () => {
  it('takes everything', () => {
    const flags = [
      '--resource',
      'a/b',
      '--only',
      'ST,LI-01',
      '--skip',
      'ST-02',
      '--concurrency',
      '4',
      '--idle',
      '60',
      '--strict',
    ];
    expect(
      parseCommandLine([...flags, '--format', 'junit', '--subject', 'f', '--', 'plugin', '--only', '{dir}']),
    ).toEqual({
      action: 'examine',
      subjectFile: 'f',
      command: ['plugin', '--only', '{dir}'],
      resources: ['a/b'],
      options: { only: ['ST', 'LI-01'], skip: ['ST-02'], concurrency: 4, budgets: { idleMs: 60_000 } },
      format: 'junit',
      isStrict: true,
    });
    expect(parseCommandLine(['--help']).action).toBe('help');
    expect(parseCommandLine(['--list']).action).toBe('list');
  });

  it.each([
    [['--concurrency', '0'], '--concurrency 0 is no whole number above 0'],
    [['--idle', 'long'], '--idle long is no whole number'],
    [['--format', 'html'], '--format html is neither text nor junit'],
    [['--bogus'], "Unknown option '--bogus'"],
    [['plugin'], 'Unexpected argument'],
  ])('refuses %j', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});

describe('subjectOf()', () => {
  const file = {
    command: ['of-file'] as const,
    resources: ['of/file'] as const,
    env: { A: '1' },
    hooks: {},
    fatalCommand: ['f'] as const,
  };

  it('prefers the command line', () => {
    expect(subjectOf(parseCommandLine(['--resource', 'a/b', '--', 'plugin', 'x']), file)).toEqual({
      ...file,
      command: ['plugin', 'x'],
      resources: ['a/b'],
    });
    expect(subjectOf(parseCommandLine([]), file)).toEqual(file);
  });

  it('needs a command and a resource', () => {
    expect(() => subjectOf(parseCommandLine([]), {})).toThrow('no command');
    expect(() => subjectOf(parseCommandLine(['--', 'a']), {})).toThrow('no resource');
  });
});
