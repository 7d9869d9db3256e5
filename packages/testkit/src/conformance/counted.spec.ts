// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { counted } from './counted.ts';

describe('counted()', () => {
  it('has one of a thing in the singular', () => {
    expect([0, 1, 2].map((count) => counted(count, 'device'))).toEqual(['0 devices', '1 device', '2 devices']);
  });
});
