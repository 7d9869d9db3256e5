// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { RecordingIoctl } from '../../../test/recording-ioctl.ts';
import { fpgaCalls } from './fpga-calls.ts';
import { fpgaStructs } from './fpga-structs.ts';
import { encodeStruct } from './struct-layout.ts';

const payload = Buffer.from('raw bitstream');

describe('fpgaCalls()', () => {
  it.each([
    ['dfl', 0xb680, '18000000 00000000 03000000 0d000000 0000000000000000'],
    ['opae', 0xb580, '20000000 00000000 03000000 0d000000 0000000000000000 0000000000000000'],
  ] as const)(
    'programs a port of %s with exactly these bytes, and a pointer to the payload',
    async (driver, request, hex) => {
      const ioctl = new RecordingIoctl();
      await fpgaCalls(ioctl, driver).programPort('/dev/fme', 3, payload);
      expect(ioctl.calls).toEqual([
        { node: '/dev/fme', request, hex: hex.replaceAll(' ', ''), pointer: { offset: 16, target: payload } },
      ]);
    },
  );

  it.each([
    ['dfl', 'releasePort', 0x4004_b681, '02000000'],
    ['dfl', 'assignPort', 0x4004_b682, '02000000'],
    ['opae', 'releasePort', 0xb581, '0c0000000000000002000000'],
    ['opae', 'assignPort', 0xb582, '0c0000000000000002000000'],
  ] as const)('of %s: %s is %i with these bytes', async (driver, name, request, hex) => {
    const ioctl = new RecordingIoctl();
    await fpgaCalls(ioctl, driver)[name]('/dev/fme', 2);
    expect(ioctl.calls).toEqual([{ node: '/dev/fme', request, hex }]);
  });

  it.each([
    ['dfl', 0xb600],
    ['opae', 0xb500],
  ] as const)('asks %s for the version without an argument', async (driver, request) => {
    const ioctl = new RecordingIoctl({ [request]: () => 7 });
    expect(await fpgaCalls(ioctl, driver).apiVersion('/dev/port')).toBe(7);
    expect(ioctl.calls).toEqual([{ node: '/dev/port', request }]);
  });

  it.each([
    ['dfl', 0xb641, 0xb642, '10000000000000000000000000000000'],
    ['opae', 0xb541, 0xb542, '180000000000000000000000000000000000000000000000'],
  ] as const)('asks %s for the regions of a port, each by its index', async (driver, info, region, infoHex) => {
    const ioctl = new RecordingIoctl({
      [info]: (bytes) => bytes.writeUInt32LE(2, driver === 'dfl' ? 8 : 12) * 0,
      [region]: (bytes) => {
        const index = bytes.readUInt32LE(8);
        encodeStruct(fpgaStructs.regionInfo, { flags: index === 0 ? 7 : 1, index, size: 0x40000n }).copy(bytes);
        return 0;
      },
    });
    expect(await fpgaCalls(ioctl, driver).portRegions('/dev/port')).toEqual([
      { index: 0, bytes: 0x40000n, access: 'rwm' },
      { index: 1, bytes: 0x40000n, access: 'r--' },
    ]);
    const zeros = '00000000'.repeat(5);
    expect(ioctl.calls.map(({ request, hex }) => [request, hex])).toEqual([
      [info, infoHex],
      [region, `200000000000000000000000${zeros}`],
      [region, `200000000000000001000000${zeros}`],
    ]);
  });

  it('does not go on for ever with a driver that names regions without end', async () => {
    const ioctl = new RecordingIoctl({ [0xb641]: (bytes) => bytes.writeUInt32LE(0xffff_ffff, 8) * 0 });
    expect(await fpgaCalls(ioctl, 'dfl').portRegions('/dev/port')).toHaveLength(64);
  });

  it.each([
    ['EIO', 'programPort of /dev/fme failed, EIO: refused: the hardware refused the bitstream, dmesg says more'],
    ['EBUSY', 'programPort of /dev/fme failed, EBUSY: refused'],
  ])('rejects with DEVICE_CALL for %s, and what it means', async (code, message) => {
    const ioctl = new RecordingIoctl({
      [0xb680]: () => {
        throw Object.assign(new Error(`${code}: refused`), { code });
      },
    });
    const programming = fpgaCalls(ioctl, 'dfl').programPort('/dev/fme', 0, payload);
    await expect(programming).rejects.toMatchObject({ code: 'DEVICE_CALL', message });
  });
});
