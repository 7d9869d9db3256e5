// SPDX-License-Identifier: Apache-2.0
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type FlagRow, flagRows, flagTable, helpOf, rowsOf, table } from './support/flag-table.ts';

const root = join(import.meta.dirname, '..');
const packages = join(root, 'packages');
const plugins = readdirSync(packages).filter(
  (name) => name.endsWith('-plugin') && existsSync(join(packages, name, 'src/main.ts')),
);
/** What hosts plugins has the flags of all, and some of its own; its help shows those of each plugin besides, which are in a file. */
const hosts = readdirSync(packages).filter((name) => tagsOf(name).includes('type:host'));
const place = /(?<=<!-- flags -->).*(?=<!-- \/flags -->)/s;
const flagsOf = new Map<string, FlagRow[]>();

beforeAll(async () => {
  for (const name of [...plugins, ...hosts]) {
    const [own = ''] = (await helpOf(join(packages, name, 'src/main.ts'))).split('\n\nUsage of ', 1);
    flagsOf.set(name, flagRows(own));
  }
}, 120_000);

describe.each([...plugins, ...hosts])('the README of %s', (plugin) => {
  it('lists the flags as the plugin does (UPDATE_README=1 writes them)', async () => {
    const rows = await compared(join(packages, plugin, 'README.md'), flagTable(flagsOf.get(plugin) ?? []));
    // Heading, rule, and at least the flags that every plugin has.
    expect(rows.length).toBeGreaterThan(10);
  });
});

describe('docs/reference/flags.md', () => {
  it('lists the flags of every published program (UPDATE_README=1 writes them)', { timeout: 120_000 }, async () => {
    const published = publishedPlugins();
    const all = published.map((name) => flagsOf.get(name) ?? []);
    const common = (all[0] ?? []).filter((row) => all.every((rows) => includes(rows, row)));
    const sections = [`## Every plugin\n\n${flagTable(common)}`];
    for (const name of published) {
      const own = flagTable((flagsOf.get(name) ?? []).filter((row) => !includes(common, row)));
      sections.push(`## ${name}\n\n${own}`, ...(await commandSections(name, common)));
    }
    const rows = await compared(join(root, 'docs/reference/flags.md'), sections.join('\n\n'));
    expect(rows.filter((row) => row.startsWith('## '))).toHaveLength(1 + published.length);
    expect(common.map(([flag]) => flag)).toContain('`-scan-period duration`');
  });
});

/** Those that README.md names: another one is not for others yet, and a new one edits nothing but its own folders. */
function publishedPlugins(): string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return [...plugins, ...hosts].filter((name) => readme.includes(`](packages/${name}/README.md)`));
}

/** The lines between the marks in `file`, which are those of `text`. */
async function compared(file: string, text: string): Promise<string[]> {
  const page = await readFile(file, 'utf8');
  if (process.env['UPDATE_README'] === '1')
    await writeFile(
      file,
      page.replace(place, () => `\n\n${text}\n\n`),
    );
  const [found = ''] = place.exec(await readFile(file, 'utf8')) ?? [];
  expect(rowsOf(found)).toEqual(rowsOf(text));
  return rowsOf(found);
}

/** Of the further programs of a plugin: what they do, their flags but for those of the log, and their variables. */
async function commandSections(plugin: string, common: readonly FlagRow[]): Promise<string[]> {
  const mains = globSync('src/main/*.ts', { cwd: join(packages, plugin), exclude: ['**/*.spec.ts'] }).sort();
  const helps = await Promise.all(mains.map(async (main) => await helpOf(join(packages, plugin, main))));
  return helps.map((help, index) => {
    const [, name = basename(mains[index] ?? '', '.ts'), first = '', rest = ''] = /^(\S+): (.)(.*)/.exec(help) ?? [];
    const own = flagRows(help).filter((row) => !includes(common, row) || row[0].startsWith('`-prefix'));
    expect(own, name).not.toEqual([]);
    const variables = [...help.matchAll(/^ {2}([A-Z_]+) {2,}(.*)$/gm)].map(([, variable = '', meaning = '']) => [
      `\`${variable}\``,
      meaning,
    ]);
    const tables = [flagTable(own), ...(variables.length > 0 ? [table(['Variable', 'Meaning'], variables)] : [])];
    return [`### ${name}`, `${first.toUpperCase()}${rest}.`, ...tables].join('\n\n');
  });
}

function includes(rows: readonly FlagRow[], row: FlagRow): boolean {
  return rows.some((one) => one.join() === row.join());
}

function tagsOf(name: string): string[] {
  const manifest = join(packages, name, 'package.json');
  if (!existsSync(manifest)) return [];
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { nx?: { tags?: string[] } }).nx?.tags ?? [];
}
