// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bdf } from '../../test/health-world.ts';
import { DeviceHealthResponse, type HealthStatus } from './health-api/deviceinfo.ts';
import { parseXpumdMessage, withKnownWords } from './xpumd-reading.ts';

function statusOf(severity: number, name = 'memory', reason = ''): HealthStatus {
  return { name, severity: severity as HealthStatus['severity'], reason, message: 'now' };
}

function message(health: HealthStatus[], address: string | undefined = bdf): Uint8Array {
  const info = { uuid: '', model: '', pci: { bdf: address } };
  return DeviceHealthResponse.encode({ devices: [{ info, health }] }).finish();
}

describe('parseXpumdMessage()', () => {
  it.each([
    ['nothing', [], undefined],
    ['UNKNOWN', [statusOf(0)], undefined],
    ['A-G50: OK', [statusOf(1)], undefined],
    ['A-G51: WARNING', [statusOf(2)], 'xpumd reports memory WARNING'],
    ['A-G52: CRITICAL', [statusOf(3)], 'xpumd reports memory CRITICAL'],
    ['FAILED', [statusOf(4)], 'xpumd reports memory FAILED'],
    ['a severity of a later xpumd', [statusOf(5)], 'xpumd reports memory severity 5'],
    ['OK and worse', [statusOf(1), statusOf(3, 'power'), statusOf(2)], 'xpumd reports memory WARNING, power CRITICAL'],
  ])('reads %s', (_what, health, reason) => {
    const expected = reason === undefined ? { state: 'good' } : { state: 'bad', reason };
    expect([...parseXpumdMessage(message(health))]).toMatchObject([[bdf, expected]]);
  });

  it('has the words of xpumd in the reason, on one line', () => {
    const health = [statusOf(3, 'power', ' cut\r\n\0off\u2028now '), statusOf(2, 'mem\nory', 'at 91.5 °C')];
    expect([...parseXpumdMessage(message(health)).values()]).toEqual([
      {
        state: 'bad',
        reason: 'xpumd reports mem ory WARNING (at 91.5 °C), power CRITICAL (cut off now)',
        summary: 'mem ory WARNING, power CRITICAL',
      },
    ]);
  });

  it('bounds what goes into a reason', () => {
    const health = Array.from({ length: 1000 }, (_, index) =>
      statusOf(3, `${index}`.padStart(1000, 'x'), 'y'.repeat(1000)),
    );
    const reading = parseXpumdMessage(message(health)).get(bdf);
    expect(reading?.state === 'bad' && reading.reason.length).toBeLessThan(1600);
  });

  it('leaves out a card without an address, and takes one in capital letters', () => {
    const devices = [
      { info: undefined, health: [] },
      { info: { uuid: '', model: '', pci: undefined }, health: [] },
      { info: { uuid: '', model: '', pci: { bdf: 'nonsense' } }, health: [] },
      { info: { uuid: '', model: '', pci: { bdf: '0000:AF:00.0' } }, health: [] },
    ];
    const parsed = parseXpumdMessage(DeviceHealthResponse.encode({ devices }).finish());
    expect([...parsed.keys()]).toEqual(['0000:af:00.0']);
  });

  it('gives readings or throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          for (const { state } of parseXpumdMessage(bytes).values()) expect(['good', 'bad']).toContain(state);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

describe('withKnownWords()', () => {
  const told = (...health: HealthStatus[]) => parseXpumdMessage(message(health));
  const hot = told(statusOf(2, 'memory', 'at 91 °C'));

  it('keeps the words of before while nothing else is the matter', () => {
    expect(withKnownWords(told(statusOf(2, 'memory', 'at 92 °C')), hot).get(bdf)).toBe(hot.get(bdf));
  });

  it.each([
    ['worse', told(statusOf(3, 'memory', 'at 99 °C'))],
    ['something else', told(statusOf(2, 'power', 'cut off'))],
    ['well again', told(statusOf(1))],
  ])('takes what is %s', (_what, now) => {
    expect(withKnownWords(now, hot)).toEqual(now);
    expect(withKnownWords(hot, now)).toEqual(hot);
    expect(withKnownWords(now, new Map())).toEqual(now);
  });
});
