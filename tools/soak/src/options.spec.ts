// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseOptions, usage } from './options.ts';

const known = ['simple', 'gpu'];
const parse = (...args: string[]) => parseOptions(args, known);

describe('parseOptions()', () => {
  it('runs every plugin for three minutes by default, with a seed by chance', () => {
    expect(parse()).toEqual({
      minutes: 3,
      seed: undefined,
      plugins: known,
      program: undefined,
      json: undefined,
      keep: false,
      help: false,
    });
  });

  it('takes everything that its usage names', () => {
    const args = [
      '0.5',
      '--seed',
      '7',
      '--plugin',
      'gpu-plugin',
      '--program',
      'x.mjs',
      '--json',
      'y',
      '--keep',
      '--help',
    ];
    expect(parse(...args)).toEqual({
      minutes: 0.5,
      seed: 7,
      plugins: ['gpu'],
      program: 'x.mjs',
      json: 'y',
      keep: true,
      help: true,
    });
    for (const option of args.filter((arg) => arg.startsWith('--'))) expect(usage(known)).toContain(option);
  });

  it('takes a plugin that is named twice once', () => {
    expect(parseOptions(['--plugin', 'gpu,gpu-plugin'], ['simple', 'gpu']).plugins).toEqual(['gpu']);
  });

  it.each([
    [['1', '2'], 'one number of minutes'],
    [['soon'], 'minutes'],
    [['0'], 'minutes'],
    [['1e9'], 'minutes'],
    [['--seed', '-1'], '--seed'],
    [['--seed', '4294967296'], '--seed'],
    [['--seed', '1.5'], '--seed'],
    [['--plugin', 'gpo'], "no plugin 'gpo' to soak, did you mean gpu? There are: simple, gpu"],
    [['--program', 'x.mjs'], 'one --plugin'],
    [['--no-such'], '--no-such'],
  ])('refuses %j', (args, message) => {
    expect(() => parse(...args)).toThrow(RangeError);
    expect(() => parse(...args)).toThrow(message);
  });
});
