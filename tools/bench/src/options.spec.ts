// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseOptions, usage } from './options.ts';

const names = ['start', 'idle'];

describe('parseOptions()', () => {
  it('measures everything ten times unless told otherwise', () => {
    expect(parseOptions([], names)).toEqual({
      help: false,
      quick: false,
      only: [],
      runs: 10,
      plugin: undefined,
      peers: [],
      json: undefined,
      svg: undefined,
    });
  });

  it('reads what it is told', () => {
    const args = [
      '--quick',
      '--only',
      'idle,start',
      '--peer',
      'a=x {dir}',
      '--peer',
      'b=y {dir}',
      '--json',
      'f',
      '--svg',
      'g',
    ];
    expect(parseOptions(args, names)).toMatchObject({
      quick: true,
      runs: 2,
      only: ['idle', 'start'],
      peers: ['a=x {dir}', 'b=y {dir}'],
      json: 'f',
      svg: 'g',
    });
    expect(parseOptions(['--quick', '--runs', '7'], names).runs).toBe(7);
  });

  it.each([
    [['--only', 'stop'], "no measurement 'stop'"],
    [['--runs', '0'], '--runs'],
    [['--runs', '1e3'], '--runs'],
    [['--fast'], '--fast'],
    [['start'], 'start'],
  ])('refuses %j', (args, reason) => {
    expect(() => parseOptions(args, names)).toThrow(reason);
  });
});

describe('usage()', () => {
  it('names every measurement', () => {
    expect(usage(names)).toContain('start, idle');
  });
});
