// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorTable } from '@kube-device-plugins/core';
import { beforeAll, describe, expect, it } from 'vitest';

describe('docs/reference/errors.md', () => {
  let sections: ReadonlyMap<string, string>;

  beforeAll(async () => {
    const text = await readFile(join(import.meta.dirname, '../docs/reference/errors.md'), 'utf8');
    sections = new Map(
      text
        .split(/^## /m)
        .slice(1)
        .map((section) => {
          const [title = '', ...body] = section.split('\n');
          return [title.trim(), body.join('\n')];
        }),
    );
  });

  it('has one section for each code, in the order of the table', () => {
    expect([...sections.keys()]).toEqual(Object.keys(errorTable));
  });

  it.each(Object.entries(errorTable))(
    'says of %s what the table says, the cause and the remedy',
    (code, { status, meaning }) => {
      const section = sections.get(code) ?? '';
      expect(section.toLowerCase()).toContain(meaning.toLowerCase());
      expect(section).toContain(`\`${status}\``);
      expect(section).toMatch(/^- \*\*Cause:\*\* ./m);
      expect(section).toMatch(/^- \*\*Remedy:\*\* ./m);
    },
  );
});
