// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseGoFlags } from './go-flags.ts';
import { hostedFlags } from './hosted-flags.ts';

const flags = hostedFlags(['fpga', 'gpu', 'qat']);

describe('hostedFlags()', () => {
  it('has the plugins in the order in which they are named', () => {
    expect(parseGoFlags(flags, ['-plugins=qat, gpu'], {})).toMatchObject({ values: { plugins: ['qat', 'gpu'] } });
    expect(parseGoFlags(flags, [], {})).toMatchObject({
      values: { plugins: [], 'flags-dir': '/etc/kube-device-plugins' },
    });
  });

  it.each([
    ['gup', 'there is no plugin "gup"; there are fpga, gpu, qat; did you mean gpu?'],
    ['', 'there is no plugin ""'],
    ['gpu,', 'there is no plugin ""'],
    ['gpu,qat,gpu', 'plugin gpu is named twice'],
  ])('refuses %j', (text, message) => {
    expect(() => parseGoFlags(flags, ['-plugins', text], {})).toThrow(message);
  });
});
