// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseResourceRules } from '../src/options/resource-template.ts';
import { optionsOf } from './fixtures/options.ts';
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

describe('deployments/gpu-plugin', () => {
  const overlays = join(import.meta.dirname, '../../../deployments/gpu-plugin/overlays');

  it('has an overlay for each that the README names, with flags that there are', async () => {
    const named = [...readme.matchAll(/^\| `([\w-]+)` .*$/gm)].map(([, name = '']) => name);
    const known = new Set([...rowsOf(await flagTable())].map((row) => /^\| `(-[\w-]+)/.exec(row)?.[1]));
    for (const overlay of await readdir(overlays)) {
      expect(named).toContain(overlay);
      for (const file of await readdir(join(overlays, overlay))) {
        const text = await readFile(join(overlays, overlay, file), 'utf8');
        for (const [, flag, value = ''] of text.matchAll(/value: (-[\w-]+)=?(\S*)$/gm)) {
          expect(known, `${overlay}/${file}`).toContain(flag);
          if (flag === '-allow-ids') expect(optionsOf({ 'allow-ids': value }).deviceIds.allowed.size).toBe(23);
        }
      }
    }
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
