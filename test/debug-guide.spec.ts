// SPDX-License-Identifier: Apache-2.0
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

describe('docs/guides/debug-a-node.md', () => {
  let guide: string;
  let sources: string;

  beforeAll(async () => {
    guide = await readFile(join(root, 'docs/guides/debug-a-node.md'), 'utf8');
    const texts: string[] = [];
    for await (const path of glob('packages/core/src/**/*.ts', { cwd: root, exclude: ['**/*.spec.ts'] })) {
      texts.push(await readFile(join(root, path), 'utf8'));
    }
    sources = texts.join('\n');
  });

  it('quotes what /readyz says', () => {
    const quotes = [...guide.matchAll(/^ +\| `([^`]+)`/gm)].map(([, text = '']) => text);
    expect(quotes.length).toBeGreaterThan(5);
    for (const quote of quotes.filter((text) => !text.includes('EACCES'))) {
      expect(sources).toContain(quote.replace(/[:…].*$/, '').trim());
    }
  });

  it('says at which -v the framework logs more', () => {
    const rows = [...guide.matchAll(/^\| `-v (\d)` +\| (.*?) +\|$/gm)];
    const documented = rows.filter(([, , text = '']) => !text.includes('nothing from the framework'));
    const used = [...sources.matchAll(/\blog\.v\((\d)\)/g)].map(([, level]) => level);
    expect(documented.map(([, level]) => level)).toEqual([...new Set(used)].sort());
  });
});
