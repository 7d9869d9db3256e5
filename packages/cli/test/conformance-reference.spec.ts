// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clauses, reasons, stimuli } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { referencePage } from '../src/conformance/reference-page.ts';
import { linkOf } from '../src/conformance/report.ts';

const root = join(import.meta.dirname, '../../..');
const page = await readFile(join(root, 'docs/reference/conformance.md'), 'utf8');

describe('docs/reference/conformance.md', () => {
  it('is what kdp conformance --reference prints', () => {
    expect(page).toBe(referencePage());
  });

  it.each(clauses)('tells what is done for $id, and why', ({ id, title }) => {
    const [path, anchor = ''] = linkOf(id).split('#');
    expect(path).toBe('docs/reference/conformance.md');
    const section = page.split('### ').find((text) => text.toLowerCase().startsWith(`${anchor}\n`));
    for (const text of [title, stimuli[id], reasons[id]]) expect(section).toContain(text);
  });
});
