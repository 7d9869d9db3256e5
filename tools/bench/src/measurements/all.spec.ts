// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measurements } from './all.ts';

describe('measurements', () => {
  it('are those that the documentation explains', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../../docs/reference/benchmarks.md'), 'utf8');
    expect([...page.matchAll(/^\| `(\w[\w-]*)` /gm)].map(([, name]) => name)).toEqual(
      measurements.map(({ name }) => name),
    );
  });

  it('have a key and a name of its own for each row', () => {
    const keys = measurements.flatMap(({ metrics }) => metrics.map(({ key }) => key));
    expect(new Set(keys).size).toBe(keys.length);
  });
});
