// SPDX-License-Identifier: Apache-2.0
import { chmod, rm, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { TempDir } from '../../test/temp-dir.ts';
import { fileIdentity, isSameFile, statsOf, type FileIdentity } from './file-identity.ts';

describe('fileIdentity()', () => {
  it('is the same for a file that nobody touches', async () => {
    await using dir = await TempDir.create();
    await writeFile(dir.join('a'), '');
    expect(isSameFile(fileIdentity(dir.join('a')), fileIdentity(dir.join('a')))).toBe(true);
  });

  it('is another for the next file of the name, also when that has the same inode number', async () => {
    await using dir = await TempDir.create();
    const identities: FileIdentity[] = [];
    for (let i = 0; i < 5; i++) {
      await writeFile(dir.join('a'), '');
      const identity = await onceClockTicked(dir.join('a'), identities.at(-1)?.ctimeNs);
      expect(identities.filter((other) => isSameFile(other, identity))).toEqual([]);
      identities.push(identity);
      await rm(dir.join('a'));
    }
  });

  it('changes with the time of the last change', async () => {
    await using dir = await TempDir.create();
    await writeFile(dir.join('a'), '');
    const before = fileIdentity(dir.join('a'));
    await expect
      .poll(async () => (await chmod(dir.join('a'), 0o600), isSameFile(before, fileIdentity(dir.join('a')))))
      .toBe(false);
  });

  it('is undefined for what is not there or cannot be looked at', async () => {
    await using dir = await TempDir.create();
    await writeFile(dir.join('a'), '');
    expect(fileIdentity(dir.join('b'))).toBeUndefined();
    expect(fileIdentity(dir.join('a', 'b'))).toBeUndefined();
    expect(fileIdentity(dir.join('x'.repeat(300)))).toBeUndefined();
    expect(isSameFile(undefined, undefined)).toBe(true);
    expect(isSameFile(undefined, fileIdentity(dir.join('a')))).toBe(false);
  });
});

describe('statsOf()', () => {
  it('does not follow links', async () => {
    await using dir = await TempDir.create();
    await symlink('nowhere', dir.join('link'));
    expect(statsOf(dir.join('link'))?.isSymbolicLink()).toBe(true);
  });
});

/** Makes the file again, with the inode that has just become free, until the file system's clock, which ticks every 1 to 10 ms, has moved on. */
async function onceClockTicked(path: string, lastNs: bigint | undefined): Promise<FileIdentity> {
  return await vi.waitFor(
    async () => {
      await rm(path);
      await writeFile(path, '');
      const identity = fileIdentity(path);
      if (identity === undefined || identity.ctimeNs === lastNs) throw new Error('the clock has not ticked yet');
      return identity;
    },
    { interval: 1, timeout: 10_000 },
  );
}
