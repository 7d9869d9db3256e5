// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deviceGenerations } from '../src/sysfs/device-generations.ts';

const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');

describe('README.md', () => {
  it.each(deviceGenerations)('lists the hardware of $vfDriver', ({ pfIds, vfIds, pfDriver, vfDriver }) => {
    const row = readme.split('\n').find((line) => line.includes(`| \`${vfDriver}\``)) ?? '';
    for (const text of [...pfIds, ...vfIds, `\`${pfDriver}\``]) expect(row).toContain(text);
  });
});
