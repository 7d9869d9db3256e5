// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseIsAlive } from './heartbeat.ts';

describe('parseIsAlive()', () => {
  it.each([
    ['-1', false],
    ['-1\n', false],
    ['-1\n\0', false],
    ['-1\0', false],
    ['-1\n0', false],
    ['0\n\0', true],
    ['1', true],
    ['-10', true],
    ['0\n-1', true],
    ['', true],
    ['\0', true],
  ])('makes of %j %s', (status, isAlive) => {
    expect(parseIsAlive(status)).toBe(isAlive);
  });
});
