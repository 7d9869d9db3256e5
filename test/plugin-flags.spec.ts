// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

const packages = join(import.meta.dirname, '../packages');
const plugins = readdirSync(packages).filter(
  (name) => (name.endsWith('-plugin') || name === 'all') && existsSync(join(packages, name, 'src/main.ts')),
);

describe.each(plugins)('the README of %s', (plugin) => {
  const file = join(packages, plugin, 'README.md');
  let flags = '';

  beforeAll(async () => {
    flags = await flagTable(join(packages, plugin, 'src/main.ts'));
    if (process.env['UPDATE_README'] !== '1') return;
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace(place, () => `\n\n${flags}\n\n`),
    );
  });

  it('lists the flags as the plugin does (UPDATE_README=1 writes them)', async () => {
    const [table = ''] = place.exec(await readFile(file, 'utf8')) ?? [];
    expect(rowsOf(table)).toEqual(rowsOf(flags));
    // Heading, rule, and at least the flags that every plugin has.
    expect(rowsOf(table).length).toBeGreaterThan(10);
  });
});

const place = /(?<=<!-- flags -->).*(?=<!-- \/flags -->)/s;

/** From the plugin's own help, so that flags of the core are in it too. */
async function flagTable(main: string): Promise<string> {
  const { stderr } = await promisify(execFile)(process.execPath, [main, '-h'], { env: {} });
  // Behind its own, a program of several plugins shows those of each.
  const [own = ''] = stderr.split('\n\nUsage of ', 1);
  const flags = own.matchAll(/^ {2}-(\S+)(?: (\S+))?(?:\n {4})?\t(.*?)(?: \(default (.*)\))?$/gm);
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
