// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { coreChecks, type Check } from '@kube-device-plugins/core/doctor';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/reference/doctor.md'), 'utf8');

describe('docs/reference/doctor.md', async () => {
  const groups: Record<string, readonly Check[]> = { 'Every plugin': coreChecks };
  for (const folder of readdirSync(join(root, 'packages')).filter((name) => name.endsWith('-plugin'))) {
    const checks = await checksOf(folder);
    if (checks.length > 0) groups[folder] = checks;
  }

  it('has a part for every plugin with checks of its own, and in it a section for each check, in their order', () => {
    const headings = [...page.matchAll(/^#{2,3} (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(Object.entries(groups).flatMap(([name, checks]) => [name, ...checks.map(({ id }) => id)]));
  });

  it.each(Object.values(groups).flat())('says of $id what the check says', ({ id, what, why, remedy }) => {
    const [, section = ''] = page.split(new RegExp(`^### ${id}\n`, 'm'));
    const [text = ''] = section.split(/^#{2,3} /m);
    expect(text.toLowerCase()).toContain(`\n${what.toLowerCase()}.\n`);
    expect(text).toContain(`\n- **Why:** ${why}.\n`);
    expect(text).toContain(`\n- **Remedy:** \`${remedy}\`\n`);
  });
});

async function checksOf(folder: string): Promise<readonly Check[]> {
  const { definition } = (await import(join(root, 'packages', folder, 'src/plugin.ts'))) as {
    definition: { doctor?: () => Promise<readonly Check[]> };
  };
  return (await definition.doctor?.()) ?? [];
}
