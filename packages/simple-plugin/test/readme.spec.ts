// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandLineSources, openConfigDocument, pluginConfigSpec, readConfig } from '@kube-device-plugins/core/config';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SimpleOptions } from '../src/options.ts';
import { readOptions } from '../src/options/read-options.ts';
import { definition } from '../src/plugin.ts';
import { simulatorParameters } from '../src/options/simulated-resource.ts';

const file = join(import.meta.dirname, '../README.md');
let readme = '';

beforeAll(async () => {
  readme = await readFile(file, 'utf8');
  if (process.env['UPDATE_README'] !== '1') return;
  readme = readme.replace(placeOfParameters, () => `\n\n${parameterTable()}\n\n`);
  await writeFile(file, readme);
});

describe('README.md', () => {
  it('lists the parameters of the simulator (UPDATE_README=1 writes them)', () => {
    expect(rowsOf(placeOfParameters.exec(readme)?.[0] ?? '')).toEqual(rowsOf(parameterTable()));
  });

  it('has examples that work', async () => {
    const examples = [...readme.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);
    const configurations = examples.filter((text) => !text.includes('kind: Pod'));
    expect(configurations).toHaveLength(6);
    for (const text of configurations) {
      await optionsOf(text);
    }
  });

  it('opens with a pod that asks for what the configuration before it publishes', async () => {
    const [config = '', pod = ''] = [...readme.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text);
    const { hostResources } = await optionsOf(config);
    const [{ name } = { name: 'nothing' }] = hostResources;
    expect(pod).toContain(`limits: { ${name}: 1 }`);
  });

  it('is true of the configurations that are deployed', async () => {
    for (const place of ['base', 'overlays/simulated']) {
      const config = join(import.meta.dirname, '../../../deployments/simple-plugin', place, 'config.yaml');
      const { hostResources, simulatedResources } = await optionsOf(await readFile(config, 'utf8'));
      expect(hostResources.length + simulatedResources.length).toBeGreaterThan(1);
    }
  });
});

/** As the plugin reads them at a start. */
async function optionsOf(text: string): Promise<SimpleOptions> {
  const { root, faults } = await openConfigDocument('x.yaml', text);
  const spec = pluginConfigSpec(definition, commandLineSources(definition, [], {}), {});
  const { own } = readConfig(root, spec);
  expect(faults()).toEqual([]);
  return await readOptions({ config: 'x.yaml', device: [], domain: '', scanPeriodMs: 5_000 }, {}, own);
}

function parameterTable(): string {
  const rows = Object.entries(simulatorParameters).map(([key, { variable, fallback, meaning }]) => [
    `\`${key}\``,
    `\`${variable}\``,
    fallback === '' ? 'empty' : `\`${fallback}\``,
    meaning,
  ]);
  const lines = [['Key', 'Variable', 'Default', 'Meaning'], Array<string>(4).fill('---'), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

const placeOfParameters = /(?<=<!-- parameters -->).*(?=<!-- \/parameters -->)/s;

/** Compared with spaces and rules taken together: a formatter may align the table. */
function rowsOf(lines: string): string[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---'));
}
