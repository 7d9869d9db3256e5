// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readOptions } from '../src/options/read-options.ts';
import { simulatorParameters } from '../src/options/simulated-resource.ts';
import { startPlugin } from './plugin-process.ts';

const file = join(import.meta.dirname, '../README.md');
let readme = '';

beforeAll(async () => {
  readme = await readFile(file, 'utf8');
  if (process.env['UPDATE_README'] !== '1') return;
  readme = replaceTable(replaceTable(readme, 'flags', await flagTable()), 'parameters', parameterTable());
  await writeFile(file, readme);
});

/** The tables are compared with their spaces and rules taken together: a formatter may align them. */
describe('README.md', () => {
  it('lists the flags as the plugin does (UPDATE_README=1 writes them)', async () => {
    expect(rowsOf(tableIn(readme, 'flags'))).toEqual(rowsOf(await flagTable()));
  });

  it('lists the parameters of the simulator (UPDATE_README=1 writes them)', () => {
    expect(rowsOf(tableIn(readme, 'parameters'))).toEqual(rowsOf(parameterTable()));
  });

  it('has examples that work', async () => {
    const examples = [...readme.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);
    const configurations = examples.filter((text) => !text.includes('kind: Pod'));
    expect(configurations).toHaveLength(6);
    for (const text of configurations) {
      await readOptions({ config: 'README.md', device: [], domain: '', scanPeriodMs: 5_000 }, {}, text);
    }
  });

  it('opens with a pod that asks for what the configuration before it publishes', async () => {
    const [config = '', pod = ''] = [...readme.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text);
    const flags = { config: 'README.md', device: [], domain: '', scanPeriodMs: 5_000 };
    const { hostResources } = await readOptions(flags, {}, config);
    const [{ name } = { name: 'nothing' }] = hostResources;
    expect(pod).toContain(`limits: { ${name}: 1 }`);
  });

  it('is true of the configurations that are deployed', async () => {
    for (const place of ['base', 'overlays/simulated']) {
      const config = join(import.meta.dirname, '../../../deployments/simple-plugin', place, 'config.yaml');
      const flags = { config, device: [], domain: '', scanPeriodMs: 5_000 };
      const { hostResources, simulatedResources } = await readOptions(flags, {}, await readFile(config, 'utf8'));
      expect(hostResources.length + simulatedResources.length).toBeGreaterThan(1);
    }
  });

  it('has the headings of every plugin', () => {
    const headings = [...readme.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['Resources', 'Requirements', 'Flags', 'Deploy', 'How it finds devices', 'Limits']);
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

function parameterTable(): string {
  const rows = Object.entries(simulatorParameters).map(([key, { variable, fallback, meaning }]) => [
    `\`${key}\``,
    `\`${variable}\``,
    fallback === '' ? 'empty' : `\`${fallback}\``,
    meaning,
  ]);
  return table(['Key', 'Variable', 'Default', 'Meaning'], rows);
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heading, heading.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

function tableIn(text: string, name: string): string {
  return placeOf(name).exec(text)?.[0] ?? '';
}

function replaceTable(text: string, name: string, lines: string): string {
  return text.replace(placeOf(name), () => `\n\n${lines}\n\n`);
}

function placeOf(name: string): RegExp {
  return new RegExp(`(?<=<!-- ${name} -->).*(?=<!-- /${name} -->)`, 's');
}

function rowsOf(lines: string): string[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---'));
}
