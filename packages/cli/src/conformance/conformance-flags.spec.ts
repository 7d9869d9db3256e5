// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { type ConformanceFlags, optionsOf, subjectOf } from './conformance-flags.ts';

const flags: ConformanceFlags = { concurrency: 2, format: 'text' };

describe('optionsOf()', () => {
  it('takes everything', () => {
    const all = { ...flags, only: 'ST,LI-01', skip: 'ST-02', concurrency: 4, idle: 60, profile: '1.30' };
    expect(optionsOf(all)).toEqual({
      only: ['ST', 'LI-01'],
      skip: ['ST-02'],
      concurrency: 4,
      profile: '1.30',
      budgets: { idleMs: 60_000 },
    });
    expect(optionsOf({ ...flags, profile: 'all' })).toEqual({ concurrency: 2, profile: 'all' });
    expect(optionsOf({ ...flags, explain: 'rs-17', only: 'ST' })).toMatchObject({ only: ['RS-17'] });
  });

  it('is not particular about how clauses are written', () => {
    expect(optionsOf({ ...flags, only: 'st-01, LI ,Rs', skip: ' li-08' })).toMatchObject({
      only: ['ST-01', 'LI', 'RS'],
      skip: ['LI-08'],
    });
  });

  it.each([
    [{ only: 'ST,XX-99' }, '--only: no clause or group XX-99; see --list'],
    [{ skip: 'ST-1' }, '--skip: no clause or group ST-1; see --list'],
    [{ explain: 'S' }, '--explain: no clause or group S; see --list'],
    [{ only: '' }, '--only: no clause or group ""; see --list'],
    [{ only: 'ST,' }, '--only: no clause or group ""; see --list'],
    [{ only: 'ST-01', skip: 'ST' }, '--only and --skip leave no clause'],
    [{ profile: '1.25' }, '--profile 1.25: there are 1.26 to 1.37, and all'],
  ])('refuses %j', (part, message) => {
    expect(() => optionsOf({ ...flags, ...part })).toThrow(message);
  });
});

describe('subjectOf()', () => {
  const file = {
    command: ['of-file', '{dir}'] as const,
    resources: ['of.file/x'] as const,
    hooks: {},
    fatalCommand: ['f'] as const,
    paths: { ready: '/ready' },
  };

  it('prefers the command line', () => {
    expect(subjectOf(['plugin', '{dir}'], { ...flags, resource: ['a/b'] }, file, {})).toEqual({
      ...file,
      command: ['plugin', '{dir}'],
      resources: ['a/b'],
    });
    expect(subjectOf([], flags, { ...file, budgets: { idleMs: 1 } }, {})).toEqual(file);
  });

  it('adds hooks of the command line to those of the file, and goes before them', () => {
    const add = (): Promise<void> => Promise.resolve();
    const subject = subjectOf(
      [],
      { ...flags, hook: ['fail=rm {id}', 'add=touch {id}'] },
      { ...file, hooks: { add } },
      {},
    );
    expect(Object.keys(subject.hooks ?? {}).toSorted()).toEqual(['add', 'fail']);
    expect(subject.hooks?.add).not.toBe(add);
  });

  it('adds the variables of the file to those there are', () => {
    const subject = subjectOf([], flags, { ...file, env: { A: '1' } }, { A: '0', PATH: '/bin', B: '{x}' });
    expect(subject.env).toEqual({ A: '1', PATH: '/bin', B: '{x}' });
  });

  it('needs a command and a resource', () => {
    expect(() => subjectOf([], flags, {}, {})).toThrow('no command');
    expect(() => subjectOf(['a'], flags, {}, {})).toThrow('no resource');
  });

  it('looks at what it puts together', () => {
    expect(() => subjectOf(['plugin'], { ...flags, resource: ['a/b'] }, {}, {})).toThrow('{dir}');
  });
});
