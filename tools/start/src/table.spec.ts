// SPDX-License-Identifier: Apache-2.0
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coloured, plain } from '@kube-device-plugins/terminal';
import { tableLines, type DeviceRow } from './table.ts';

const fuse: DeviceRow = {
  resource: 'host.example.com/fuse',
  id: 'fuse',
  health: 'Healthy',
  numaNodes: [],
  hostNodes: ['/dev/fuse'],
};
const taken: DeviceRow = {
  resource: 'example.com/simple-device',
  id: 'simple-device-1',
  health: 'Unhealthy',
  numaNodes: [0, 1],
  hostNodes: [],
  allocatedTo: 'demo-1/main',
};

const anyRow: fc.Arbitrary<DeviceRow> = fc.record({
  resource: fc.string({ unit: 'binary', maxLength: 80 }),
  id: fc.string({ unit: 'binary', maxLength: 80 }),
  health: fc.constantFrom('Healthy', 'Unhealthy'),
  numaNodes: fc.array(fc.nat(9), { maxLength: 3 }),
  hostNodes: fc.option(fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }), { nil: undefined }),
  allocatedTo: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
});

describe('tableLines()', () => {
  it('aligns the columns, and shows what is not there as a dash', () => {
    expect(tableLines([fuse, taken], 200, plain)).toEqual([
      'RESOURCE                   DEVICE ID        HEALTH     NUMA NODE  HOST NODES  ALLOCATED TO',
      'host.example.com/fuse      fuse             Healthy    -          /dev/fuse   -',
      'example.com/simple-device  simple-device-1  Unhealthy  0,1        -           demo-1/main',
    ]);
  });

  it('takes from the widest columns first when the terminal is narrow', () => {
    expect(tableLines([fuse, taken], 80, plain)).toEqual([
      'RESOURCE         DEVICE ID        HEALTH     NUMA NODE  HOST NODES  ALLOCATED TO',
      'host.ex…om/fuse  fuse             Healthy    -          /dev/fuse   -',
      'example…-device  simple-device-1  Unhealthy  0,1        -           demo-1/main',
    ]);
  });

  it('shows host nodes that are not known yet as a question mark', () => {
    expect(tableLines([{ ...fuse, hostNodes: undefined }], 200, plain)[1]).toBe(
      'host.example.com/fuse  fuse       Healthy  -          ?           -',
    );
  });

  it('is a heading when there are no devices', () => {
    expect(tableLines([], 200, plain)).toEqual(['RESOURCE  DEVICE ID  HEALTH  NUMA NODE  HOST NODES  ALLOCATED TO']);
  });

  it('paints health by what it says', () => {
    const [, healthy, unhealthy] = tableLines([fuse, taken], 200, coloured);
    expect(healthy).toContain('\x1b[32mHealthy\x1b[39m');
    expect(unhealthy).toContain('\x1b[31mUnhealthy\x1b[39m');
  });

  it('is never wider than the terminal, whatever the plugin says', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 5 }), fc.nat(250), (rows, width) => {
        const lines = tableLines(rows, width, plain);
        expect(lines).toHaveLength(rows.length + 1);
        for (const line of lines) {
          expect(line).toMatch(/^[\x20-\x7e…]*$/);
          expect(line.length).toBeLessThanOrEqual(width);
        }
      }),
    );
  });

  it('is the same text with and without colour', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 5 }), fc.nat(250), (rows, width) => {
        const uncoloured = tableLines(rows, width, coloured).map((line) => stripVTControlCharacters(line).trimEnd());
        expect(uncoloured).toEqual(tableLines(rows, width, plain));
      }),
    );
  });
});
