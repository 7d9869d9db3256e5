// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { nearKey } from './near-key.ts';

describe('nearKey()', () => {
  const known = ['ServicesEnabled', 'NumVFs', 'AutoresetEnabled'];

  it.each([
    ['ServiceEnabled', 'ServicesEnabled'],
    ['ServicesEnable', 'ServicesEnabled'],
    ['servicesenabled', 'ServicesEnabled'],
    ['ServicseEnabled', 'ServicesEnabled'],
    ['AutoResetEnabled', 'AutoresetEnabled'],
    ['Auto_ResetEnabled', 'AutoresetEnabled'],
    ['NumVF', 'NumVFs'],
    ['num_vfs', 'NumVFs'],
    ['NumVFss', 'NumVFs'],
  ])('takes %s for %s', (key, meant) => {
    expect(nearKey(key, known)).toBe(meant);
  });

  it.each(['constructor', 'Enabled', 'LimitDevAccess', 'NumProcesses', '', 'x'])('takes %j for none', (key) => {
    expect(nearKey(key, known)).toBeUndefined();
  });
});
