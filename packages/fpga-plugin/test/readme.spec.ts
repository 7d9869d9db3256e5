// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { afResource } from '../src/device-tree/resource-names.ts';
import { fpgaFlags } from '../src/options.ts';
import { fpgaModes } from '../src/options/fpga-mode.ts';
import { boards } from '../src/sysfs/boards.ts';
import { ce48, d842 } from './fixtures/fpga-host.ts';
import { startPlugin } from './plugin-process.ts';

const file = join(import.meta.dirname, '../README.md');
let readme = '';

beforeAll(async () => {
  readme = await readFile(file, 'utf8');
  if (process.env['UPDATE_README'] !== '1') return;
  const flags = await flagTable();
  readme = readme.replace(placeOfFlags, () => `\n\n${flags}\n\n`);
  await writeFile(file, readme);
});

/** The table is compared with its spaces and rules taken together: a formatter may align it. */
describe('README.md', () => {
  it('lists the flags as the plugin does (UPDATE_README=1 writes them)', async () => {
    expect(rowsOf(placeOfFlags.exec(readme)?.[0] ?? '')).toEqual(rowsOf(await flagTable()));
  });

  it('lists the flags of this plugin', () => {
    for (const flag of Object.keys(fpgaFlags)) expect(readme).toContain(`| \`-${flag}`);
  });

  it('has the headings of every plugin', () => {
    const headings = [...readme.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['Resources', 'Requirements', 'Flags', 'Deploy', 'How it finds devices', 'Limits']);
  });

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

/** From the plugin's own help, so that flags of the core are in it too. */
async function flagTable(): Promise<string> {
  const help = startPlugin(['-h']);
  expect(await help.exited).toBe(0);
  const flags = help.stderr.matchAll(/^ {2}-(\S+)(?: (\S+))?(?:\n {4})?\t(.*?)(?: \(default (.*)\))?$/gm);
  const rows = [...flags].map(([, name = '', value = '', usage = '', fallback = '']) => [
    `\`-${[name, value].filter(Boolean).join(' ')}\``,
    fallback === '' ? '' : `\`${fallback.replaceAll('"', '')}\``,
    usage,
  ]);
  return table(['Flag', 'Default', 'Meaning'], rows);
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heading, heading.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

const placeOfFlags = /(?<=<!-- flags -->).*(?=<!-- \/flags -->)/s;

function rowsOf(lines: string): string[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---'));
}
