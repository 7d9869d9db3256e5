// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { koffiIoctl } from './koffi-ioctl.ts';

// Source of the numbers: Linux, include/uapi/asm-generic/ioctls.h and include/uapi/linux/fs.h, random.h.
const FIONREAD = 0x541b;
const TIOCSETD = 0x5423;
const RNDGETENTCNT = 0x8004_5200;
const noSuchLineDiscipline = 9999;

describe('koffiIoctl()', () => {
  const ioctl = koffiIoctl();
  let scratch: string;

  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'kdp-'));
  });
  afterEach(() => rm(scratch, { recursive: true }));

  it('gives back what the kernel writes', async () => {
    const path = join(scratch, 'file');
    await writeFile(path, 'seventeen bytes :');
    const bytes = Buffer.alloc(4, 0xff);
    expect(await ioctl.call(path, FIONREAD, { bytes })).toBe(0);
    expect(bytes.readInt32LE()).toBe(17);
  });

  it('hands over what it is given', async () => {
    const bytes = Buffer.alloc(4);
    expect(await ioctl.call('/dev/ptmx', TIOCSETD, { bytes })).toBe(0);
    bytes.writeInt32LE(noSuchLineDiscipline);
    await expect(ioctl.call('/dev/ptmx', TIOCSETD, { bytes })).rejects.toMatchObject({ code: 'EINVAL' });
  });

  it('takes a request number of 32 bits, and no argument', async () => {
    const bytes = Buffer.alloc(4);
    expect(await ioctl.call('/dev/urandom', RNDGETENTCNT, { bytes })).toBe(0);
    await expect(ioctl.call('/dev/null', 0xb600)).rejects.toMatchObject({ code: 'ENOTTY' });
  });

  it('rejects with the code of the kernel, the request and the node', async () => {
    await expect(ioctl.call('/dev/null', 0xb641, { bytes: Buffer.alloc(16) })).rejects.toMatchObject({
      code: 'ENOTTY',
      message: 'ENOTTY: ioctl 0xb641 on /dev/null',
    });
    await expect(ioctl.call(join(scratch, 'none'), 0xb641)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  if (endianness() !== 'LE') console.warn('SKIPPED: addresses in ioctl arguments are examined as little-endian only');
  it.skipIf(endianness() !== 'LE')('writes the address of what an argument points to', async () => {
    const bytes = Buffer.alloc(24);
    const target = Buffer.from('what the driver reads');
    await ioctl.call('/dev/null', 0xb680, { bytes, pointer: { offset: 16, target } }).catch(() => undefined);
    const { default: koffi } = await import('koffi');
    const seen = koffi.decode(bytes.readBigUInt64LE(16), 'uint8_t', target.length) as Iterable<number>;
    expect(Buffer.from([...seen])).toEqual(target);
  });
});
