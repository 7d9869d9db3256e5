// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { durationText, hostKubeletLine } from './heading.ts';

describe('hostKubeletLine()', () => {
  it('names the flags and the socket', () => {
    expect(hostKubeletLine('/var/lib/kubelet/device-plugins/', '--kubelet')).toBe(
      'npm start -- --kubelet registers with the kubelet of this host, which answers on /var/lib/kubelet/device-plugins/kubelet.sock',
    );
  });
});

describe('durationText()', () => {
  it.each([
    [0, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [3_600_000, '1 h 00 min'],
    [7_620_000, '2 h 07 min'],
    [360_000_000, '100 h 00 min'],
  ])('writes %i ms as %s', (milliseconds, expected) => {
    expect(durationText(milliseconds)).toBe(expected);
  });
});
