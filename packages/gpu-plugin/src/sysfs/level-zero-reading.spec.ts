// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenParts, temperatureReading } from './level-zero-reading.ts';

const limits = { globalCelsius: 100, gpuCelsius: 90, memoryCelsius: 80 };

describe('temperatureReading()', () => {
  it.each([
    ['at the limits', { global: 100, gpu: 90, memory: 80 }, undefined],
    ['a part of a degree above them', { global: 100.9, gpu: 90.9, memory: 80.9 }, undefined],
    ['with failed sensors', { global: -999, gpu: -999, memory: -999 }, undefined],
    ['with no numbers', { global: NaN, gpu: NaN, memory: NaN }, undefined],
    ['with a hot card', { global: 101, gpu: 0, memory: 0 }, 'the card is above 100 °C'],
    ['with a hot GPU', { global: 0, gpu: 91, memory: 0 }, 'the GPU is above 90 °C'],
    ['with hot memory', { global: 0, gpu: 0, memory: 81 }, 'the memory is above 80 °C'],
    [
      'with all hot',
      { global: 101, gpu: Infinity, memory: 81 },
      expect.stringContaining('the GPU is above 90 °C; the'),
    ],
  ])('judges a card %s', (_what, celsius, reason: unknown) => {
    const expected = reason === undefined ? { state: 'good' } : { state: 'bad', reason };
    expect(temperatureReading({ ...celsius, error: undefined }, limits)).toEqual(expected);
  });

  it('says the same of a hot card whatever the degree', () => {
    fc.assert(
      fc.property(fc.double({ min: 101, noNaN: true }), (global) => {
        expect(temperatureReading({ global, gpu: 0, memory: 0, error: undefined }, limits)).toEqual({
          state: 'bad',
          reason: 'the card is above 100 °C',
        });
      }),
    );
  });
});

describe('brokenParts()', () => {
  it.each([
    [{ memoryOk: true, busOk: true, socOk: true }, undefined],
    [{ memoryOk: false, busOk: true, socOk: true }, /not well: memory$/],
    [{ memoryOk: true, busOk: false, socOk: true }, /not well: bus$/],
    [{ memoryOk: false, busOk: false, socOk: false }, /not well: memory, bus, SoC$/],
  ])('of %j is %s', (health, expected) => {
    const broken = brokenParts({ ...health, error: undefined });
    if (expected === undefined) expect(broken).toBeUndefined();
    else expect(broken).toMatch(expected);
  });
});
