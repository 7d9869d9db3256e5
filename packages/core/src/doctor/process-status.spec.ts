// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOpenFilesLimit, parseProcessStatus } from './process-status.ts';

describe('parseProcessStatus()', () => {
  it('reads that of this process', () => {
    const status = parseProcessStatus(readFileSync('/proc/self/status', 'utf8'));
    expect(status.uid).toBe(process.geteuid?.());
    expect(Object.values(status)).not.toContain(undefined);
  });

  it('numbers capabilities that are newer than it', () => {
    expect(parseProcessStatus('CapEff:\t8000000000000000\n').capabilities).toEqual(['63']);
  });

  it('takes any text, and knows nothing of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const status = parseProcessStatus(`Uid:${text}\nCapEff:${text}\nSeccomp:${text}`);
        expect([undefined, 'number']).toContain(status.uid === undefined ? undefined : typeof status.uid);
        expect(parseOpenFilesLimit(text)).toBeUndefined();
      }),
    );
  });
});

describe('parseOpenFilesLimit()', () => {
  it('reads that of this process', () => {
    expect(parseOpenFilesLimit(readFileSync('/proc/self/limits', 'utf8'))).toBeGreaterThan(0);
  });
});
