// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hostFixture } from '@kube-device-plugins/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseFakeGpuSpec } from '../src/main/fakedev/fake-gpu-spec.ts';
import { fakeGpuTree } from '../src/main/fakedev/fake-gpu-tree.ts';
import { labelVariables } from '../src/main/labeler/label-settings.ts';
import { CommandProcess } from './command-process.ts';

const root = join(import.meta.dirname, '../../..');
const file = join(root, 'docs/guides/gpu-labels.md');
const commands = ['gpu-labeler', 'xpumanager-labels', 'gpu-fakedev'] as const;
let guide = '';

beforeAll(async () => {
  guide = await readFile(file, 'utf8');
  if (process.env['UPDATE_README'] !== '1') return;
  for (const name of commands) {
    const table = await flagTable(name);
    guide = guide.replace(placeOf(name), () => `\n\n${table}\n\n`);
  }
  await writeFile(file, guide);
});

describe('docs/guides/gpu-labels.md', () => {
  // A formatter may align tables, so spaces and rules are taken together.
  it.each(commands)('lists the flags of %s as it does itself (UPDATE_README=1 writes them)', async (name) => {
    expect(rowsOf(placeOf(name).exec(guide)?.[0] ?? '')).toEqual(rowsOf(await flagTable(name)));
  });

  it('shows what gpu-labeler prints', async () => {
    const sample = await readFile(join(import.meta.dirname, '../fakedev/2x4-pvc-xelink.json'), 'utf8');
    await using fixture = await hostFixture(fakeGpuTree(parseFakeGpuSpec(sample)));
    await using labeler = new CommandProcess('gpu-labeler', ['-prefix', fixture.root, '-stdout']);
    expect(await labeler.end()).toBe(0);
    expect(blocks('text')).toEqual([labeler.stdout]);
  });

  it('has commands that work as they are printed, once everything is built', async () => {
    await using fixture = await hostFixture({});
    const [commands = ''] = blocks('sh');
    const inHere = commands
      .replaceAll('/tmp/fake', fixture.root)
      // The bundles are made of these, and may not have been made yet.
      .replaceAll(/dist\/gpu-plugin\/([\w-]+)\.mjs/g, 'packages/gpu-plugin/src/main/$1.ts');
    const { stdout } = await promisify(execFile)('sh', ['-ec', inHere], { cwd: root });
    expect(blocks('text')).toEqual([stdout]);
  });

  it('names all variables', () => {
    for (const name of Object.keys(labelVariables)) expect(guide).toContain(`| \`${name}\``);
  });

  it('has examples that are understood', () => {
    for (const text of blocks('json')) expect(parseFakeGpuSpec(text).DevCount).toBe(6);
    const patches = blocks('yaml').map((text) => parse(text) as readonly { readonly op: string }[]);
    expect(patches.map((patch) => patch.every(({ op }) => op === 'add'))).toEqual([true, true]);
  });
});

function blocks(language: string): string[] {
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);
}

/** The program's own flags, from its help. */
async function flagTable(name: string): Promise<string> {
  await using help = new CommandProcess(name, ['-h']);
  expect(await help.end()).toBe(0);
  const [, flags = ''] = /^Flags:\n(.*?)\n\n/ms.exec(help.stdout) ?? [];
  const rows = flags.split('\n').map((line) => {
    const [, flag = '', usage = '', fallback] = /^ {2}(-\S+(?: \S+)?) +(.*?)(?: \(default (.*)\))?$/.exec(line) ?? [];
    return [`\`${flag}\``, fallback === undefined ? '' : `\`${fallback.replaceAll('"', '')}\``, usage];
  });
  return [['Flag', 'Default', 'Meaning'], ['---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function placeOf(name: string): RegExp {
  return new RegExp(`(?<=<!-- ${name} flags -->).*(?=<!-- /${name} flags -->)`, 's');
}

function rowsOf(lines: string): string[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---'));
}
