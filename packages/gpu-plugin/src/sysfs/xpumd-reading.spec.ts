// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bdf } from '../../test/health-world.ts';
import { DeviceHealthResponse, type HealthStatus } from './health-api/deviceinfo.ts';
import { parseXpumdMessage } from './xpumd-reading.ts';

function statusOf(severity: number, name = 'memory'): HealthStatus {
  return { name, severity: severity as HealthStatus['severity'], reason: 'at 91.5 °C', message: 'now' };
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
    expect([...parseXpumdMessage(message(health))]).toEqual([[bdf, expected]]);
  });

  it('bounds what goes into a reason', () => {
    const health = Array.from({ length: 1000 }, (_, index) => statusOf(3, `${index}`.padStart(1000, 'x')));
    const reading = parseXpumdMessage(message(health)).get(bdf);
    expect(reading?.state === 'bad' && reading.reason.length).toBeLessThan(1000);
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
