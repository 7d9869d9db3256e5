// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { afResource } from '../src/device-tree/resource-names.ts';
import { fpgaModes } from '../src/options/fpga-mode.ts';
import { boards } from '../src/sysfs/boards.ts';
import { ce48, d842 } from './fixtures/fpga-host.ts';

const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');

describe('README.md', () => {
  it.each(boards)('lists $id', ({ id, name, isVirtual = false }) => {
    const cells = (readme.split('\n').find((line) => line.includes(`\`${id}\``)) ?? '').split('|');
    expect([cells[1]?.trim(), cells[isVirtual ? 3 : 2]?.trim()]).toEqual([name, `\`${id}\``]);
  });

  it.each(fpgaModes)('lists the mode %s', (mode) => {
    expect(readme).toContain(`| \`${mode}\` `);
  });

  it('asks for a function that has the name it is asked by', () => {
    expect(readme).toContain(`fpga.intel.com/${afResource(ce48, d842)}: 1`);
  });
});
