// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib';
import { aocxFile, aocxSections, elfFile, gbsFile } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { readAocx } from './aocx.ts';
import { bufferSource } from './byte-source.ts';

const interfaceId = 'bfac4d851ee856fe8c95865ce1bbaa2d';
const afuId = '18b79ffa2ee54aa096ef4230dafacb5f';
const payload = Buffer.alloc(100_000, 'kernel');
const gbs = gbsFile({ interfaceId, afuId, payload });

describe('readAocx()', () => {
  it('reads what the compiler says of it and the GBS inside', async () => {
    const aocx = await readAocx(bufferSource(aocxFile(gbs)));
    expect(aocx).toMatchObject({
      metadata: { interfaceId, afuId },
      hash: '40007c0623210742000ebc58df6f5343e668b03a',
      board: 'pac_a10',
      target: 'fpga',
      version: '19.4.0 Build 64',
      payloadBytes: payload.length,
    });
    expect((await aocx.payload()).equals(payload)).toBe(true);
  });

  it('reads one of 32 bits, and one that says nothing but its hash', async () => {
    const inner = elfFile({ '.acl.gbs.gz': gzipSync(gbs) }, 32);
    const outer = elfFile({ '.acl.rand_hash': 'AB12', '.acl.fpga.bin': inner }, 32);
    expect(await readAocx(bufferSource(outer))).toMatchObject({ hash: 'ab12', board: '', metadata: { afuId } });
  });

  it.each([
    ['an empty file', Buffer.alloc(0), /cut off/],
    ['no ELF file', Buffer.alloc(100), /it does not begin with the magic of ELF/],
    ['no inner file', elfFile(aocxSections), /it has no section \.acl\.fpga\.bin/],
    ['no GBS', elfFile({ '.acl.fpga.bin': elfFile({}) }), /it has no section \.acl\.gbs\.gz/],
    ['no gzip', elfFile({ '.acl.fpga.bin': elfFile({ '.acl.gbs.gz': 'plain' }) }), /cannot be unpacked: /],
    [
      'gzip cut off',
      elfFile({ '.acl.fpga.bin': elfFile({ '.acl.gbs.gz': gzipSync(gbs).subarray(0, 99) }) }),
      /unpacked/,
    ],
    ['a GBS that is none', aocxFile(Buffer.alloc(99)), /it does not begin with the magic of a GBS/],
    ['a GBS cut off', aocxFile(gbs.subarray(0, 30)), /it is cut off/],
    ['no hash', aocxFile(gbs, {}), /its section \.acl\.rand_hash is no name/],
    [
      'a hash that is a path',
      aocxFile(gbs, { '.acl.rand_hash': '../../x' }),
      /its section \.acl\.rand_hash is no name/,
    ],
    ['much text', aocxFile(gbs, { ...aocxSections, '.acl.board': 'x'.repeat(5000) }), /has more than 4096 bytes/],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(readAocx(bufferSource(bytes))).rejects.toMatchObject({
      code: 'BITSTREAM_INVALID',
      message: expect.stringMatching(message) as unknown,
    });
  });

  it('refuses a bomb as soon as it is over the limit', async () => {
    const bomb = aocxFile(gbsFile({ interfaceId, afuId, payload: Buffer.alloc(50_000_000) }));
    expect(bomb.length).toBeLessThan(100_000);
    await expect(readAocx(bufferSource(bomb), 1_000_000)).rejects.toThrow('it unpacks to more than 1000000 bytes');
  });
});
