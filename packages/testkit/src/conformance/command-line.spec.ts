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
    expect(parseCommandLine(['--explain', 'rs-17'])).toMatchObject({ action: 'explain', options: { only: ['RS-17'] } });
  });

  it('is not particular about how clauses are written', () => {
    expect(parseCommandLine(['--only', 'st-01, LI ,Rs', '--skip', ' li-08']).options).toMatchObject({
      only: ['ST-01', 'LI', 'RS'],
      skip: ['LI-08'],
    });
  });

  it.each([
    [['--concurrency', '0'], '--concurrency 0 is no whole number above 0'],
    [['--idle', 'long'], '--idle long is no whole number'],
    [['--idle', '-3'], '--idle -3 is no whole number above 0'],
    [['--only', 'ST,XX-99'], '--only: no clause or group XX-99; see --list'],
    [['--skip', 'ST-1'], '--skip: no clause or group ST-1; see --list'],
    [['--explain', 'S'], '--explain: no clause or group S; see --list'],
    [['--only', ''], '--only: no clause or group ""; see --list'],
    [['--only', 'ST,'], '--only: no clause or group ""; see --list'],
    [['--only', 'ST-01', '--skip', 'ST'], '--only and --skip leave no clause'],
    [['--format', 'html'], '--format html is neither text nor junit'],
    [['--bogus'], "Unknown option '--bogus'"],
    [['plugin'], 'Unexpected argument'],
  ])('refuses %j', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});

describe('subjectOf()', () => {
  const file = {
    command: ['of-file', '{dir}'] as const,
    resources: ['of.file/x'] as const,
    hooks: {},
    fatalCommand: ['f'] as const,
  };

  it('prefers the command line', () => {
    expect(subjectOf(parseCommandLine(['--resource', 'a/b', '--', 'plugin', '{dir}']), file, {})).toEqual({
      ...file,
      command: ['plugin', '{dir}'],
      resources: ['a/b'],
    });
    expect(subjectOf(parseCommandLine([]), file, {})).toEqual(file);
  });

  it('adds the variables of the file to those there are', () => {
    const subject = subjectOf(parseCommandLine([]), { ...file, env: { A: '1' } }, { A: '0', PATH: '/bin', B: '{x}' });
    expect(subject.env).toEqual({ A: '1', PATH: '/bin', B: '{x}' });
  });

  it('needs a command and a resource', () => {
    expect(() => subjectOf(parseCommandLine([]), {}, {})).toThrow('no command');
    expect(() => subjectOf(parseCommandLine(['--', 'a']), {}, {})).toThrow('no resource');
  });

  it('looks at what it puts together', () => {
    expect(() => subjectOf(parseCommandLine(['--resource', 'a/b', '--', 'plugin']), {}, {})).toThrow('{dir}');
  });
});
