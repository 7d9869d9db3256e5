// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseResourceRules } from '../src/options/resource-template.ts';
import { startPlugin } from './plugin-process.ts';

const file = join(import.meta.dirname, '../README.md');
let readme = '';

beforeAll(async () => {
  readme = await readFile(file, 'utf8');
  if (process.env['UPDATE_README'] !== '1') return;
  const table = await flagTable();
  readme = readme.replace(placeOfFlags, () => `\n\n${table}\n\n`);
  await writeFile(file, readme);
});

describe('README.md', () => {
  it('lists the flags as the plugin does (UPDATE_README=1 writes them)', async () => {
    expect(rowsOf(placeOfFlags.exec(readme)?.[0] ?? '')).toEqual(rowsOf(await flagTable()));
  });

  it('has templates that work', () => {
    const [, table = ''] = /`-resource-name-template=`.*\n(?:\|[ -]+)+\|\n((?:\|.*\n)+)/.exec(readme) ?? [];
    const templates = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, template = '']) => template);
    expect(templates).toHaveLength(5);
    for (const template of templates) parseResourceRules(template, 'gpu.intel.com');
  });
});

const placeOfFlags = /(?<=<!-- flags -->).*(?=<!-- \/flags -->)/s;

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
  const lines = [['Flag', 'Default', 'Meaning'], ['---', '---', '---'], ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

/** Compared with spaces and rules taken together: a formatter may align the table. */
function rowsOf(lines: string): string[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---'));
}
