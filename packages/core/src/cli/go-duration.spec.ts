// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DevicePluginError } from '../errors.ts';
import { formatGoDuration, parseGoDuration } from './go-duration.ts';

describe('parseGoDuration()', () => {
  it.each([
    ['0', 0],
    ['-0', 0],
    ['5s', 5_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1_000],
    ['-1s', -1_000],
    ['+1s', 1_000],
    ['250us', 0.25],
    ['250\u00b5s', 0.25],
    ['250\u03bcs', 0.25],
    ['1h1s', 3_601_000],
    ['1s1h', 3_601_000],
  ])('reads %s', (text, durationMs) => {
    expect(parseGoDuration(text)).toBe(durationMs);
  });

  it.each(['', '5', '-', '+', 's', '.s', '1.2.3s', '5 s', '5S', '5d', '1e3s', '--1s', '5s\n', '300000000000h'])(
    'refuses %j',
    (text) => {
      expect(() => parseGoDuration(text)).toThrow('parse error');
    },
  );

  it('throws nothing but FLAG_INVALID, whatever it reads', () => {
    const nearly = fc
      .array(fc.constantFrom('1', '.', '-', 's', 'm', 'h', 'ms', 'us', '9'.repeat(30), ' '))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        try {
          return Number.isFinite(parseGoDuration(text));
        } catch (error) {
          return error instanceof DevicePluginError && error.code === 'FLAG_INVALID';
        }
      }),
    );
  });
});

describe('formatGoDuration()', () => {
  it.each([
    [0, '0s'],
    [100, '100ms'],
    [5_000, '5s'],
    [1_500, '1.5s'],
    [90_000, '1m30s'],
    [3_600_000, '1h0m0s'],
    [86_400_000, '24h0m0s'],
    [0.25, '250µs'],
    [0.000_007, '7ns'],
    [-1_000, '-1s'],
    [-5_400_000, '-1h30m0s'],
  ])('prints %d ms as Go does', (durationMs, text) => {
    expect(formatGoDuration(durationMs)).toBe(text);
  });

  it('is read back to the same duration', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (durationMs) => {
        expect(parseGoDuration(formatGoDuration(durationMs))).toBeCloseTo(durationMs, 3);
      }),
    );
  });
});
