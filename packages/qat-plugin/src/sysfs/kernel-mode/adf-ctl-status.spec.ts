// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAdfCtlStatus } from './adf-ctl-status.ts';

const banner = 'Checking status of all devices.\nThere is 1 QAT acceleration device(s) in the system:\n';
const line = (type: string, instance: number, address: string, state = 'up') =>
  ` qat_dev7 - type: ${type},  inst_id: ${instance},  node_id: 0,  bsf: ${address},  #accel: 5 #engines: 10 state: ${state}`;

describe('parseAdfCtlStatus()', () => {
  it('reads devices by the number of their instance, not of their line', () => {
    expect(
      parseAdfCtlStatus(`${banner}${line('c6xx', 0, '0000:3b:00.0')}\n${line('c6xxvf', 12, 'da:01.f')}\n`),
    ).toEqual([
      { id: 'dev0', type: 'c6xx', address: '0000:3b:00.0', isUp: true },
      { id: 'dev12', type: 'c6xxvf', address: 'da:01.f', isUp: true },
    ]);
  });

  it('tells devices that are not up', () => {
    expect(parseAdfCtlStatus(line('c6xx', 0, '3b:00.0', 'down'))).toMatchObject([{ isUp: false }]);
  });

  it('A-K6: takes a type with a hyphen', () => {
    expect(parseAdfCtlStatus(line('vqat-adi', 0, '0000:3b:00.0'))).toMatchObject([{ type: 'vqat-adi' }]);
  });

  it.each([
    banner,
    '',
    'type: c6xx, inst_id: 0, bsf: 3b:00.0',
    line('c6xx', 0, '3b:00.0').replace('inst_id', 'other_id'),
    line('c6xx', 0, '3b:00.0', 'up and more'),
    line('c6xx', 0, 'nowhere'),
    line('../c6xx', 0, '3b:00.0'),
    line('..', 0, '3b:00.0'),
  ])('passes over %j', (output) => {
    expect(parseAdfCtlStatus(output)).toEqual([]);
  });

  it('finds each device again, whatever stands between', () => {
    const device = fc.record({
      type: fc.stringMatching(/^[a-z\d][\w-]{0,12}$/),
      instance: fc.nat(99_999),
      address: fc.stringMatching(/^([\da-f]{4}:)?[\da-f]{2}:[\da-f]{2}\.[\da-f]$/),
      state: fc.constantFrom('up', 'down'),
      noise: fc.constantFrom('', '\n', banner, 'type: c6xx\n', '\r\n'),
    });
    fc.assert(
      fc.property(fc.array(device), (devices) => {
        const output = devices.map((d) => `${d.noise}${line(d.type, d.instance, d.address, d.state)}\n`).join('');
        expect(parseAdfCtlStatus(output)).toEqual(
          devices.map((d) => ({
            id: `dev${d.instance}`,
            type: d.type,
            address: d.address,
            isUp: d.state === 'up',
          })),
        );
      }),
    );
  });

  it('never yields what could lead out of a directory, from no text', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('type: ', 'inst_id: 0', 'bsf: 3b:00.0', ' state: up', '..', '/', ', '),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        for (const { id, type, address } of parseAdfCtlStatus(pieces.join('')))
          expect(`${id}${type}${address}`).toMatch(/^[\w:.-]+$/);
      }),
    );
  });

  it('takes long lines in no time', () => {
    const startMs = performance.now();
    for (const text of ['type:', 'a', ' ', 'state: u', 'state: up '])
      parseAdfCtlStatus(text.repeat((64 * 1024) / text.length));
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});
