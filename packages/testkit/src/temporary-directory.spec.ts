// SPDX-License-Identifier: Apache-2.0
import { existsSync, rmdirSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeTemporaryDirectory } from './temporary-directory.ts';

describe('makeTemporaryDirectory()', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('makes another one each time', () => {
    const directories = [makeTemporaryDirectory('kdp-'), makeTemporaryDirectory('kdp-')];
    expect(new Set(directories).size).toBe(2);
    for (const directory of directories) {
      expect(existsSync(directory)).toBe(true);
      rmdirSync(directory);
    }
  });

  it('names the variable to set when there is no place for it', () => {
    vi.stubEnv('TMPDIR', '/nowhere');
    expect(() => makeTemporaryDirectory('kdp-')).toThrow(
      'no temporary directory can be made in /nowhere; let the variable TMPDIR name a directory that can be written',
    );
  });
});
