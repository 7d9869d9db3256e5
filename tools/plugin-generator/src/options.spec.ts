// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseOptions, usage } from './options.ts';

const names = ['image', 'tests'];

describe('parseOptions()', () => {
  it.each([
    [['gpu-plugin'], { help: false, plugin: 'gpu-plugin', skip: [] }],
    [['gpu-plugin', '--skip', 'image', '--skip=tests'], { help: false, plugin: 'gpu-plugin', skip: names }],
    [['-h'], { help: true, plugin: '', skip: [] }],
  ])('understands %o', (args, options) => {
    expect(parseOptions(args, names)).toEqual(options);
  });

  it.each([
    [[], 'name one plugin'],
    [['a', 'b'], 'name one plugin'],
    [['../a'], "'../a' is no name of a plugin"],
    [['a', '--skip', 'lint'], "there is no item 'lint'; there are: image, tests"],
    [['a', '--fast'], '--fast'],
  ])('refuses %o', (args, message) => {
    expect(() => parseOptions(args, names)).toThrow(message);
  });
});

describe('usage()', () => {
  it('names the items', () => {
    expect(usage(names)).toContain('Items: image, tests');
  });
});
