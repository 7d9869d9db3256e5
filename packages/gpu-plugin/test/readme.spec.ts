// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseResourceRules } from '../src/options/resource-template.ts';
import { optionsOf } from './fixtures/options.ts';

const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');

describe('README.md', () => {
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
    const known = new Set([...readme.matchAll(/^\| `(-[\w-]+)/gm)].map(([, flag]) => flag));
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
