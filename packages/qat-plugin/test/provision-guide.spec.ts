// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseConfiguration, wishesFor } from '../src/main/qat-init/configuration.ts';

describe('docs/guides/provision-qat.md', () => {
  let guide: string;

  beforeAll(async () => {
    guide = await readFile(join(import.meta.dirname, '../../../docs/guides/provision-qat.md'), 'utf8');
  });

  it('has a configuration that can be read', () => {
    const [, text = ''] = /```ini\n(.*?)```/s.exec(guide) ?? [];
    const configuration = parseConfiguration([{ name: 'qat.conf', text }]);
    expect(configuration.warnings).toEqual([]);
    const { services, numVfs, autoReset } = wishesFor(configuration, '0000:6b:00.0');
    expect([services?.value, numVfs?.value, autoReset?.value]).toEqual(['sym;asym', 4, 'on']);
  });

  it('describes each key', () => {
    const [warning = ''] = parseConfiguration([{ name: 'qat.conf', text: 'unknown=1' }]).warnings;
    const keys = warning.replace(/^.* keys are /, '').split(', ');
    expect([...guide.matchAll(/^\| `(\w+)` +\|.*\|$/gm)].map(([, key]) => key)).toEqual(keys);
  });
});
