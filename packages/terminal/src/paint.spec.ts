// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { choosePaint, coloured, plain } from './paint.ts';

describe('choosePaint()', () => {
  it.each([
    [true, {}, coloured],
    [true, { NO_COLOR: '' }, coloured],
    [true, { NO_COLOR: '1' }, plain],
    [true, { NO_COLOR: '0' }, plain],
    [true, { TERM: 'dumb' }, plain],
    [false, {}, plain],
    [false, { FORCE_COLOR: '1' }, plain],
  ])('chooses for a terminal: %s and %j', (isTerminal, env, expected) => {
    expect(choosePaint(isTerminal, env)).toBe(expected);
  });
});

describe('coloured()', () => {
  it('puts the text between escape sequences, whatever the stream of this process is', () => {
    expect(coloured('green', 'Healthy')).toBe('\x1b[32mHealthy\x1b[39m');
  });
});

describe('plain()', () => {
  it('leaves the text alone', () => {
    expect(plain('red', 'gone')).toBe('gone');
  });
});
