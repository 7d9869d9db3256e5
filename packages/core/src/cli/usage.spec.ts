// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { usageText } from './usage.ts';

describe('usageText()', () => {
  it('prints flags as Go does, in the order of their names', () => {
    const text = usageText('qat-plugin', {
      mode: { type: 'string', default: 'dpdk', usage: 'what for', choices: ['dpdk', 'kernel'] },
      b: { type: 'bool', default: false, usage: 'one letter' },
      debug: { type: 'bool', default: true, usage: 'more' },
      'max-num-devices': { type: 'int', default: 64, usage: 'most devices' },
      empty: { type: 'string', default: '', usage: 'nothing' },
      zero: { type: 'uint', default: 0, usage: 'none' },
      'scan-period': { type: 'duration', default: 90_000, usage: 'how often' },
      place: { type: { placeholder: 'value', parse: Number, format: String }, default: 7, usage: 'where' },
    });
    expect(text).toBe(`Usage of qat-plugin:
  -b\tone letter
  -debug
    \tmore (default true)
  -empty string
    \tnothing
  -max-num-devices int
    \tmost devices (default 64)
  -mode dpdk|kernel
    \twhat for (default "dpdk")
  -place value
    \twhere (default 7)
  -scan-period duration
    \thow often (default 1m30s)
  -zero uint
    \tnone
Each flag can also be set by an environment variable, e.g. KDP_B for -b. The flag goes before the variable.
`);
  });
});
