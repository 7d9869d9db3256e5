// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FpgaSnapshot, Port } from '../../sysfs/fpga-snapshot.ts';
import { assignPorts } from './assign-ports.ts';

const pci = { bdf: '0000:3b:00.0', directory: '/sys/devices/pci0000:3b/0000:3b:00.0' };

/** Ports by their engine's number and function, engines by their region. */
function snapshot(regions: readonly string[], ports: readonly (readonly [fme: number, afuId: string])[]): FpgaSnapshot {
  const part = (name: string) => ({ name, node: `/dev/${name}`, directory: `${pci.directory}/${name}`, pci });
  return {
    driver: 'dfl',
    fmes: regions.map((interfaceId, index) => ({ ...part(`dfl-fme.${index}`), interfaceId })),
    ports: ports.map(([fme, afuId], index): Port => ({ ...part(`dfl-port.${index}`), fme: `dfl-fme.${fme}`, afuId })),
    remarks: [],
  };
}
const wish = (number: number, interfaceId: string, afuId: string) => ({ number, interfaceId, afuId });
const all = ['dfl-port.0', 'dfl-port.1', 'dfl-port.2', 'null'];

describe('assignPorts()', () => {
  it('gives identical regions different ports', () => {
    const regions = [wish(1, 'aa', '1'), wish(2, 'aa', '1')];
    const host = snapshot(
      ['aa', 'aa'],
      [
        [0, '9'],
        [1, '9'],
      ],
    );
    expect(assignPorts({ regions, deviceNames: all }, host).map(({ port }) => port.name)).toEqual([
      'dfl-port.0',
      'dfl-port.1',
    ]);
  });

  it('leaves a port to the wish whose function it has', () => {
    const regions = [wish(1, 'aa', '1'), wish(2, 'aa', '2')];
    const host = snapshot(
      ['aa'],
      [
        [0, '2'],
        [0, '9'],
      ],
    );
    expect(assignPorts({ regions, deviceNames: all }, host).map(({ port }) => port.name)).toEqual([
      'dfl-port.1',
      'dfl-port.0',
    ]);
  });

  it('takes only ports that the container has', () => {
    const host = snapshot(
      ['aa'],
      [
        [0, '1'],
        [0, '9'],
      ],
    );
    const [assigned] = assignPorts({ regions: [wish(1, 'aa', '1')], deviceNames: ['dfl-port.1'] }, host);
    expect(assigned?.port.name).toBe('dfl-port.1');
  });

  it('leaves out a port that does not answer, and says so when no other is left', () => {
    const ports = [0, 1].map((number) => [0, number === 0 ? 'ffff' : '9'] as const);
    const regions = [wish(1, 'aa', '1')];
    const [assigned] = assignPorts({ regions, deviceNames: all }, snapshot(['aa'], ports));
    expect(assigned?.port.name).toBe('dfl-port.1');
    expect(() => assignPorts({ regions, deviceNames: ['dfl-port.0'] }, snapshot(['aa'], ports))).toThrow(
      'the container has dfl-port.0 of region aa (all ones: it does not answer)',
    );
    expect(() => assignPorts({ regions, deviceNames: ['dfl-port.1'] }, snapshot(['ffff'], ports))).toThrow(
      'the container has dfl-port.1 of region ffff (all ones: it does not answer)',
    );
  });

  it.each([
    [
      [wish(1, 'bb', '1')],
      all,
      'no port is left for FPGA_REGION_1, which is bb: the container has dfl-port.0 of region aa, dfl-port.1 of region unknown',
    ],
    [
      [wish(1, 'aa', '1'), wish(2, 'aa', '1')],
      ['dfl-port.0'],
      'no port is left for FPGA_REGION_2, which is aa: the container has dfl-port.0 of region aa',
    ],
    [[wish(1, 'aa', '1')], ['null'], 'no port is left for FPGA_REGION_1, which is aa: the container has no FPGA port'],
  ])('refuses %j of %j', (regions, deviceNames, message) => {
    const host = snapshot(
      ['aa'],
      [
        [0, '9'],
        [7, '9'],
      ],
    );
    expect(() => assignPorts({ regions, deviceNames }, host)).toThrow(
      expect.objectContaining({ code: 'PROGRAMMING_REFUSED', message }) as Error,
    );
  });

  it('calls a region unknown whose engine has no id', () => {
    const regions = [wish(1, 'aa', '1')];
    expect(() => assignPorts({ regions, deviceNames: all }, snapshot([''], [[0, '9']]))).toThrow(
      'the container has dfl-port.0 of region unknown',
    );
  });

  it('finds ports for all whenever there are enough, and none twice', () => {
    const id = fc.constantFrom('aa', 'bb');
    const afuId = fc.constantFrom('1', '2', '3');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1), afuId), { maxLength: 6 }),
        fc.array(fc.tuple(id, afuId), { maxLength: 6 }),
        (ports, wished) => {
          const host = snapshot(['aa', 'bb'], ports);
          const regions = wished.map(([interfaceId, afu], index) => wish(index, interfaceId, afu));
          const deviceNames = host.ports.map(({ name }) => name);
          const count = (interfaceId: string) => wished.filter(([wanted]) => wanted === interfaceId).length;
          const isEnough = [0, 1].every(
            (fme) => count(['aa', 'bb'][fme] ?? '') <= ports.filter(([of]) => of === fme).length,
          );
          if (!isEnough) {
            expect(() => assignPorts({ regions, deviceNames }, host)).toThrow('no port is left');
            return;
          }
          const assigned = assignPorts({ regions, deviceNames }, host);
          expect(assigned.map((assignment) => assignment.wish)).toEqual(regions);
          expect(new Set(assigned.map(({ port }) => port)).size).toBe(regions.length);
        },
      ),
    );
  });
});
