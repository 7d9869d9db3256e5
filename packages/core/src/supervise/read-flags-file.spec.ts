// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { TempDir } from '../../test/temp-dir.ts';
import { readFlagsFile, warnOfUnknownFlagsFiles } from './read-flags-file.ts';

describe('readFlagsFile()', () => {
  it('reads the file of a plugin; one that is not there is empty', async () => {
    await using temp = await TempDir.create();
    await writeFile(temp.join('gpu.flags'), '-x\n');
    await expect(readFlagsFile(temp.path, 'gpu')).resolves.toEqual({ path: temp.join('gpu.flags'), text: '-x\n' });
    await expect(readFlagsFile(temp.path, 'qat')).resolves.toEqual({ path: temp.join('qat.flags'), text: '' });
    await expect(readFlagsFile(temp.join('gpu.flags'), 'qat')).resolves.toMatchObject({ text: '' });
  });

  it('refuses what is no file, and what is too large', async () => {
    await using temp = await TempDir.create();
    await mkdir(temp.join('gpu.flags'));
    await writeFile(temp.join('qat.flags'), '#'.repeat(65_537));
    for (const [plugin, reason] of [
      ['gpu', 'is not a regular file'],
      ['qat', 'has 65537 bytes; at most 65536 are read'],
    ] as const) {
      await expect(readFlagsFile(temp.path, plugin)).rejects.toMatchObject({
        code: 'FLAG_INVALID',
        message: `${temp.join(`${plugin}.flags`)}: ${reason}`,
      });
    }
  });
});

describe('warnOfUnknownFlagsFiles()', () => {
  it('names the file that may have been meant', async () => {
    await using temp = await TempDir.create();
    const names = ['gpu.flags', 'gup.flags', 'qat.yaml', 'qta.yaml', 'config.yaml', '..data'];
    for (const name of names) await writeFile(temp.join(name), '');
    using log = new CapturedLog();
    await warnOfUnknownFlagsFiles(temp.path, ['fpga', 'gpu', 'qat'], temp.join('config.yaml'));
    expect(log.with('no plugin has this flags file')).toEqual([
      expect.stringContaining(`file="${temp.join('gup.flags')}" nearest="${temp.join('gpu.flags')}"`),
    ]);
    expect(log.with('no plugin has this configuration file')).toEqual([
      expect.stringContaining(`file="${temp.join('qta.yaml')}" nearest="${temp.join('qat.yaml')}"`),
    ]);
    await warnOfUnknownFlagsFiles(temp.join('absent'), ['gpu'], '');
    expect(log.lines).toHaveLength(2);
  });
});
