// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { didYouMean } from './deployment-tree.ts';

describe('didYouMean()', () => {
  const names = ['all', 'gpu-plugin', 'qat-plugin', 'wsl', 'health', 'health_sysfs'];

  it.each([
    ['gpu', 'gpu-plugin'],
    ['heal', 'health'],
    ['qta-plugin', 'qat-plugin'],
    ['al', 'all'],
  ])('guesses from %s that it is %s', (name, meant) => {
    expect(didYouMean(name, names)).toBe(` (did you mean '${meant}'?)`);
  });

  it.each(['nope', '', 'something'])('does not guess from %j', (name) => {
    expect(didYouMean(name, names)).toBe('');
    expect(didYouMean(name, [])).toBe('');
  });
});
