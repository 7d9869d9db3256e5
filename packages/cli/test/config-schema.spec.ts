// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plugins } from '@kube-device-plugins/all/hosted-plugins';
import { pluginConfigFaults } from '@kube-device-plugins/core/config';
import Ajv from 'ajv';
import fc from 'fast-check';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { schemaText } from '../src/validate/schema-text.ts';

const packages = join(import.meta.dirname, '../..');
const fileOf = (key: string): string => join(packages, key === 'all' ? key : `${key}-plugin`, 'config.schema.json');
/** A plugin that was just made has none yet. */
const published = [...Object.keys(plugins), 'all'].filter((key) => existsSync(fileOf(key)));

describe.each(published)('config.schema.json of %s', (key) => {
  it('is the schema that kdp validate --print-schema prints (UPDATE_SCHEMA=1 writes it)', async () => {
    const text = await schemaText(key, plugins);
    if (process.env['UPDATE_SCHEMA'] === '1')
      await writeFile(fileOf(key), await format(text, { parser: 'json', printWidth: 120 }));
    expect(JSON.parse(readFileSync(fileOf(key), 'utf8'))).toEqual(JSON.parse(text));
  });

  it('is a JSON Schema of draft 7', () => {
    const ajv = new Ajv({ unknownFormats: 'ignore' });
    expect(ajv.validateSchema(JSON.parse(readFileSync(fileOf(key), 'utf8')) as object)).toBe(true);
  });
});

describe('a configuration file', () => {
  const values = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      1,
      4,
      -1,
      1.5,
      'none',
      'single',
      '5s',
      '',
      'card',
      ':8080',
      'x',
      '1h',
    ),
    fc.constantFrom<unknown>([], {}, ['a'], { device: 'card0' }, [{ device: 'card0', reason: 'x' }]),
    fc.jsonValue(),
  );
  const keys = [
    ...[
      'shared-dev-num',
      'allocation-policy',
      'enable-monitoring',
      'id-style',
      'scan-period',
      'v',
      'vmodule',
      'prefix',
    ],
    ...['metrics-bind-address', 'registration', 'log_file_max_size', 'maintenance', 'config', 'unknown', '__proto__'],
  ];

  it('that the plugin takes is one that the schema allows', async () => {
    const isAllowed = new Ajv({ unknownFormats: 'ignore' }).compile(
      JSON.parse(readFileSync(fileOf('gpu'), 'utf8')) as object,
    );
    const definition = await plugins['gpu']?.();
    if (definition === undefined) throw new Error('there is no gpu plugin');
    let valid = 0;
    const property = fc.asyncProperty(
      fc.dictionary(fc.constantFrom(...keys), values, { maxKeys: 3 }),
      async (config) => {
        const faults = await pluginConfigFaults({ path: 'x', text: JSON.stringify(config) }, definition, false);
        if (faults.length > 0) return;
        valid += 1;
        expect(isAllowed(config), JSON.stringify(config)).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: 2_000 });
    expect(valid).toBeGreaterThan(100);
  });
});
