// SPDX-License-Identifier: Apache-2.0
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { DevicePluginError } from '@kube-device-plugins/core';
import { aocxFile, elfFile, gbsFile } from '@kube-device-plugins/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAocx } from './aocx.ts';
import { bufferSource, type ByteSource } from './byte-source.ts';
import { readGbs } from './gbs.ts';

// `npm run fuzz` gives readers of files from outside more inputs than other properties.
const runs = { numRuns: process.env['FUZZ_RUNS'] === undefined ? 2_000 : 100_000 };

const gbs = gbsFile({ interfaceId: 'ce48969398f05f33946d560708be108a', afuId: 'd8424dc4a4a3c413f89e433683f9040b' });
const inner = elfFile({ '.acl.gbs.gz': gzipSync(gbs) });

/** Bytes of any kind, and good files with some of their bytes changed and their end cut off: these get far into a reader. */
function fileLike(...good: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const change = fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.integer({ min: 1, max: 4 }));
  const mutated = fc
    .tuple(fc.constantFrom(...good), fc.array(change, { maxLength: 6 }), fc.option(fc.nat(), { freq: 3 }))
    .map(([file, changes, cut]) => {
      const bytes = Buffer.from(file.subarray(0, cut === null ? undefined : 1 + (cut % file.length)));
      for (const [place, value, count] of changes) {
        const start = place % bytes.length;
        bytes.fill(value, start, Math.min(start + count, bytes.length));
      }
      return bytes;
    });
  return fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 9, arbitrary: mutated },
  );
}

/** Fails the test when a reader wants bytes past the end, or many at once. */
function guarded(bytes: Buffer): ByteSource {
  const source = bufferSource(bytes);
  return {
    size: source.size,
    async read(offset, length) {
      const read = await source.read(offset, length);
      expect(offset + length).toBeLessThanOrEqual(bytes.length);
      expect(read).toHaveLength(length);
      return read;
    },
  };
}

async function endsInOrder(reading: Promise<unknown>): Promise<void> {
  const outcome: unknown = await reading.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome === undefined) return;
  expect(outcome).toBeInstanceOf(DevicePluginError);
  expect(outcome).toMatchObject({ code: 'BITSTREAM_INVALID' });
}

describe.each([
  ['readGbs()', [gbs], readGbs],
  ['readAocx()', [aocxFile(gbs), inner, elfFile({ '.acl.fpga.bin': inner }, 32)], readAocx],
] as const)('%s, whatever it is given', (_, good, read) => {
  it('reads it or refuses it as a bitstream, and never past its end', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fileLike(...good), (bytes) => endsInOrder(read(guarded(bytes)))),
      runs,
    );
  });
});

describe('readAocx()', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;

  it('holds less than 64 MiB while it reads a bomb', async () => {
    const bomb = guarded(aocxFile(Buffer.concat([gbs, Buffer.alloc(128 * 1024 * 1024)])));
    const live = () => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    const before = live();
    let peak = before;
    const sampler = setInterval(() => (peak = Math.max(peak, live())), 100);
    const { payloadBytes } = await readAocx(bomb);
    clearInterval(sampler);
    expect(payloadBytes).toBeGreaterThan(128 * 1024 * 1024);
    expect(peak - before).toBeLessThan(64 * 1024 * 1024);
  });
});
