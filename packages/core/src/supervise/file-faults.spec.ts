// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlagDefinitions } from '../cli/flag-definition.ts';
import { parseFlagsFile } from '../cli/flags-file.ts';
import { pluginSchema, processSchema } from '../config/published-schema.ts';
import { DevicePluginError, messageOf } from '../errors.ts';
import type { PluginDefinition } from '../plugin-definition.ts';
import { hostedFileFlags } from './hosted-config.ts';
import { hostedFlagsFaults, pluginConfigFaults, processConfigFaults } from './file-faults.ts';

const definition: PluginDefinition<FlagDefinitions> = {
  name: 'red-plugin',
  namespace: 'a.b',
  flags: {
    count: { type: 'int', default: 1, usage: 'how many' },
    names: { type: 'strings', default: [], usage: '' },
  },
  check: (flags) => {
    if (Number(flags['count']) > 5) throw new DevicePluginError('FLAG_INVALID', 'there are 5');
  },
  create: () => ({ scan: () => Promise.resolve() }),
};

const at = (text: string) => ({ path: 'x', text });

describe('pluginConfigFaults()', () => {
  it('finds all that is wrong, whoever is to read the file', async () => {
    expect(await pluginConfigFaults(at('v: 2\ncount: 2\nnames: [a]\n'), definition, false)).toEqual([]);
    expect(await pluginConfigFaults(at('count: 6\ncuont: 2\n'), definition, false)).toEqual([
      expect.objectContaining({ line: 2, column: 1, key: 'cuont' }),
      { line: 1, column: 8, key: 'count', reason: 'there are 5' },
    ]);
    expect(await pluginConfigFaults(at('v: 2\ncount: 2\n'), definition, true)).toMatchObject([{ line: 1, key: 'v' }]);
    expect(await pluginConfigFaults(at('- a'), definition, true)).toMatchObject([{ reason: 'has to be a mapping' }]);
    expect(await pluginConfigFaults(at('a: ['), definition, false)).toMatchObject([{ line: 1 }]);
    const together = at('prefix: /host\nreplay: /tmp/node.tar\nown: 1\n');
    const own = { keys: ['own'], schema: {}, check: () => undefined };
    expect(await pluginConfigFaults(together, { ...definition, config: own }, false)).toMatchObject([
      { key: 'replay' },
    ]);
    expect(await processConfigFaults(at('plugins: red\nv: x'), ['red'])).toMatchObject([{ line: 2, key: 'v' }]);
  });
});

describe('hostedFlagsFaults()', () => {
  it('finds fault where the reader does', () => {
    const line = fc.constantFrom(
      '-count=2',
      '-count',
      '-count=6',
      '-names a',
      '# x',
      '',
      'count=1',
      '-v=2',
      '-cuont=1',
      '-h',
    );
    const check = (values: Readonly<Record<string, unknown>>): unknown => definition.check?.(values as never, {});
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
        const text = lines.join('\n');
        const faults = hostedFlagsFaults(text, definition);
        const read = (): string => {
          try {
            parseFlagsFile({ path: 'x', text }, hostedFileFlags(definition.flags), check);
            return 'read';
          } catch (error) {
            return messageOf(error);
          }
        };
        const [first] = faults;
        // Of two equal lines neither is to blame, and the reader names none.
        const expected = first === undefined ? ['read'] : [`x:${first.line}: ${first.reason}`, `x: ${first.reason}`];
        expect(expected).toContain(read());
      }),
    );
  });
});

describe('pluginSchema() and processSchema()', () => {
  it('have flags beside the keys that are those of the plugin itself, which go before them', () => {
    const part = { type: 'integer' } as const;
    const schema = { anyOf: [{ type: 'object', properties: { count: part, own: part } }] } as const;
    const config = { keys: ['own', 'count'], schema, definitions: { part }, check: () => undefined };
    expect(pluginSchema({ ...definition, config })).toMatchObject({
      title: 'Configuration of red-plugin',
      anyOf: [
        {
          properties: {
            count: { $ref: '#/definitions/part' },
            own: { $ref: '#/definitions/part' },
            names: { type: ['array', 'null'] },
            v: { type: ['string', 'integer', 'null'] },
            maintenance: { maxItems: 1_000 },
          },
        },
      ],
      definitions: { part },
    });
    expect(pluginSchema(definition)).toMatchObject({
      additionalProperties: false,
      properties: { count: { default: 1 } },
    });
    expect(Object.keys(processSchema('all', ['red']))).toContain('properties');
    expect(JSON.stringify(processSchema('all', ['red']))).not.toContain('maintenance');
  });
});
