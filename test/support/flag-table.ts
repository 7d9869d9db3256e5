// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** Flag, default and meaning, as cells of a table. */
export type FlagRow = readonly [flag: string, fallback: string, meaning: string];

/** The help of a program, so that what the core gives it is in it too. */
export async function helpOf(main: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, '-h'], { env: {} });
  // Where it looks by default may be where it is.
  return (stdout + stderr).replaceAll(dirname(main), '<its own folder>');
}

/** What a program's help says of its flags: plugins in the form of Go's flag package, commands in columns. */
export function flagRows(help: string): FlagRow[] {
  const flags = help.matchAll(/^ {2}-(\S+)(?: (\S+))?(?:(?:\n {4})?\t| {2,})(.*?)(?: \(default (.*)\))?$/gm);
  return [...flags].map(([, name = '', value = '', meaning = '', fallback = '']) => [
    `\`-${[name, value].filter(Boolean).join(' ')}\``,
    fallback === '' ? '' : `\`${fallback.replaceAll('"', '')}\``,
    meaning,
  ]);
}

export function flagTable(rows: readonly FlagRow[]): string {
  return table(['Flag', 'Default', 'Meaning'], rows);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

/** Compared with spaces and rules taken together: a formatter may align the table. */
export function rowsOf(lines: string): string[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---'));
}
