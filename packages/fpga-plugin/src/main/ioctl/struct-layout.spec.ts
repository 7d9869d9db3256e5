// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fpgaStructs } from './fpga-structs.ts';
import { decodeStruct, encodeStruct, structBytes, type StructLayout } from './struct-layout.ts';

// Every struct with the values 1, 2, 3, … in its fields, as the compilers of the kernel lay it out.
const expected: readonly (readonly [keyof typeof fpgaStructs, number, string])[] = [
  ['dflPortInfo', 16, '01000000 02000000 03000000 04000000'],
  ['intelPortInfo', 24, '01000000 02000000 03000000 04000000 05000000 06000000'],
  ['regionInfo', 32, '01000000 02000000 03000000 04000000 0500000000000000 0600000000000000'],
  ['dmaMap', 32, '01000000 02000000 0300000000000000 0400000000000000 0500000000000000'],
  ['dmaUnmap', 16, '01000000 02000000 0300000000000000'],
  ['dflPortPr', 24, '01000000 02000000 03000000 04000000 0500000000000000'],
  ['intelPortPr', 32, '01000000 02000000 03000000 04000000 0500000000000000 0600000000000000'],
  ['dflPortId', 4, '01000000'],
  ['intelPortId', 12, '01000000 02000000 03000000'],
  ['umsgConfig', 12, '01000000 02000000 03000000'],
  ['umsgBase', 16, '01000000 02000000 0300000000000000'],
  ['portErrIrq', 12, '01000000 02000000 03000000'],
  ['fmeErrIrq', 12, '01000000 02000000 03000000'],
  ['uafuIrq', 16, '01000000 02000000 03000000 04000000'],
  ['fmeInfo', 12, '01000000 02000000 03000000'],
];

describe('fpgaStructs', () => {
  it('has no struct beside these', () => {
    expect(Object.keys(fpgaStructs).sort()).toEqual(expected.map(([name]) => name).sort());
  });

  it.each(expected)('%s has %i bytes, all in their places', (name, bytes, hex) => {
    const layout: StructLayout = fpgaStructs[name];
    const values = Object.fromEntries(layout.map(([field], index) => [field, index + 1]));
    expect(structBytes(layout)).toBe(bytes);
    expect(encodeStruct(layout, values).toString('hex')).toBe(hex.replaceAll(' ', ''));
  });

  it.each(expected)('%s has every u64 on a multiple of 8, so that no compiler pads it', (name) => {
    let offset = 0;
    for (const [, type] of fpgaStructs[name]) {
      const bytes = type === 'u64' ? 8 : 4;
      expect(offset % bytes).toBe(0);
      offset += bytes;
    }
  });
});

describe('encodeStruct()', () => {
  it('fills in the size where there is a field for it', () => {
    expect(encodeStruct(fpgaStructs.dflPortPr).readUInt32LE(0)).toBe(24);
    expect(encodeStruct(fpgaStructs.dflPortId, { id: 7 }).toString('hex')).toBe('07000000');
  });

  it('is undone by decodeStruct(), whatever the values', () => {
    const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
    const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
    const region = fc.record({ argsz: u32, flags: u32, index: u32, padding: u32, size: u64, offset: u64 });
    fc.assert(
      fc.property(region, (values) => {
        const decoded = decodeStruct(fpgaStructs.regionInfo, encodeStruct(fpgaStructs.regionInfo, values));
        expect(decoded).toEqual(
          Object.fromEntries(Object.entries(values).map(([name, value]) => [name, BigInt(value)])),
        );
      }),
    );
    const irq = encodeStruct(fpgaStructs.portErrIrq, { eventFd: -1 });
    expect(decodeStruct(fpgaStructs.portErrIrq, irq).eventFd).toBe(-1n);
  });
});
