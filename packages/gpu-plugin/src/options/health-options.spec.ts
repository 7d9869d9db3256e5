// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { healthFlags } from './health-options.ts';

describe('healthFlags', () => {
  it.each([
    ['', true],
    ['sysfs', true],
    ['level-zero', false],
    ['xpumd', false],
  ])('finds -health-source=%s right: %s', (source, isRight) => {
    expect(healthFlags['health-source'].check(source) === undefined).toBe(isRight);
  });

  it.each([
    ['/var/lib/levelzero/server.sock', true],
    ['server.sock', false],
    ['', false],
    ['/a\0b', false],
  ])('finds -levelzero-socket=%j right: %s', (path, isRight) => {
    expect(healthFlags['levelzero-socket'].check(path) === undefined).toBe(isRight);
  });

  it.each(['temp-limit', 'gpu-temp-limit', 'memory-temp-limit'] as const)('finds -%s right from 1 on', (flag) => {
    expect([-5, 0, 1, 100].map((limit) => healthFlags[flag].check(limit) === undefined)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it.each(['health-bad-readings', 'health-good-readings'] as const)('finds -%s right from 1 on', (flag) => {
    expect([-1, 0, 1, 100].map((count) => healthFlags[flag].check(count) === undefined)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});
