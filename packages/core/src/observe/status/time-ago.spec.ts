// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { timeAgo } from './time-ago.ts';

describe('timeAgo()', () => {
  it.each([
    ['2026-01-01T00:00:00.000Z', '0 s ago'],
    ['2026-01-01T00:00:10.000Z', '0 s ago'],
    ['2025-12-31T23:59:01.000Z', '59 s ago'],
    ['2025-12-31T23:59:00.000Z', '1 min ago'],
    ['2025-12-31T23:00:01.000Z', '59 min ago'],
    ['2025-12-31T23:00:00.000Z', '1 h ago'],
    ['2025-12-30T00:00:01.000Z', '47 h ago'],
    ['2025-12-30T00:00:00.000Z', '2 d ago'],
  ])('%s is %s', (at, text) => {
    expect(timeAgo(at, '2026-01-01T00:00:00.000Z')).toBe(text);
  });
});
