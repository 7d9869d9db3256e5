// SPDX-License-Identifier: Apache-2.0
import Ajv from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readResources } from '../src/options.ts';
import { configSchema } from '../src/options/config-schema.ts';
import { ConfigValue, type TextCheck } from '@kube-device-plugins/core/config';
import type { Schema } from '../src/options/schema.ts';
import { textFormats } from '../src/options/text-format.ts';

const formats: Readonly<Record<string, TextCheck>> = textFormats;
/** Somebody else's reading of the schema, with our formats: what an editor would say. */
const ajv = new Ajv({
  allErrors: false,
  formats: Object.fromEntries(
    Object.entries(textFormats).map(([name, problemOf]) => [name, (text: string) => problemOf(text) === undefined]),
  ),
});
const isAllowed = ajv.compile(JSON.parse(JSON.stringify(configSchema)) as object);

/** What a schema cannot say, because it is about more than one value. */
const beyondTheSchema = [
  / is already at /,
  /^and the node's name \(NODE_NAME\) make the device id /,
  / lies outside \/dev; type: Mount is for what is no device node$/,
  /^has only optional paths; /,
  / as the domain of a resource /,
];

function reasonsFor(value: unknown): readonly string[] {
  const root = new ConfigValue(value);
  readResources(root, 'node1', '');
  return root.problems.map(({ reason }) => reason);
}

/** The reader takes what the schema allows, and rejects what it does not; each has to be known from the reasons. */
function expectInStep(value: unknown): void {
  const bySchema = reasonsFor(value).filter((reason) => !beyondTheSchema.some((one) => one.test(reason)));
  expect(bySchema.length === 0, `${JSON.stringify(value)}: ${bySchema.join('; ')}`).toBe(isAllowed(value));
}

describe('configSchema', () => {
  it('gives every text a format or the words that it may be, and every key of a mapping a type', () => {
    for (const schema of schemasIn(configSchema)) {
      const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
      if (types.includes('string')) expect(schema.format ?? schema.enum, JSON.stringify(schema)).toBeDefined();
      if (types.includes('object')) expect(schema.additionalProperties, JSON.stringify(schema)).toBe(false);
      for (const property of Object.values(schema.properties ?? {})) expect(property.type).toBeDefined();
    }
  });

  it('tells branches apart by the first key that each requires', () => {
    for (const { anyOf = [] } of schemasIn(configSchema)) {
      // Which of the two kinds of file it is, is decided by more than one key.
      if (anyOf.length === 1 || anyOf === configSchema.anyOf) continue;
      const keys = anyOf.map(({ required = [] }) => required[0]);
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys).not.toContain(undefined);
    }
  });

  it('allows what the reader takes, and nothing else', { timeout: 60_000 }, () => {
    const counts = { allowed: 0, refused: 0 };
    const property = fc.property(valueOf(configSchema, 20), (value) => {
      expectInStep(value);
      counts[isAllowed(value) === true ? 'allowed' : 'refused'] += 1;
    });
    fc.assert(property, { numRuns: 3_000 });
    expect(Math.min(counts.allowed, counts.refused)).toBeGreaterThan(300);
  });

  it('allows what the reader takes of anything at all', () => {
    fc.assert(fc.property(fc.jsonValue(), expectInStep));
  });

  it('is in step with the reader for text of every format and its pattern', () => {
    for (const { format: name, pattern } of schemasIn(configSchema)) {
      if (name === undefined || pattern === undefined) continue;
      fc.assert(
        fc.property(fc.oneof(fc.string(), ...soundTexts.map((text) => fc.constant(text))), (text) => {
          if (formats[name]?.(text) === undefined) expect(text).toMatch(new RegExp(pattern, 'u'));
        }),
        { numRuns: 300 },
      );
    }
  });
});

const soundTexts = [
  ...['a.b/c', 'fuse', '/dev/fuse', ' /dev/loop* ', '/etc/x', '/dev/[', 'rw', 'mrw', '1a86', '0x7523', '0', '5s'],
  ...['1m30s', '1.5h', '+2us', '2µs', 'all', 'id', 'Mount', 'tty', 'usb', '', '\u0000', 'example.com'],
];

/** Every schema in a schema, itself included. */
function schemasIn(schema: Schema): readonly Schema[] {
  const { items, anyOf = [], properties = {} } = schema;
  const below = [...(items === undefined ? [] : [items]), ...anyOf, ...Object.values(properties)];
  return [schema, ...below.flatMap(schemasIn)];
}

/** Values that are often what the schema allows, and often nearly so. */
function valueOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  const { anyOf = [], enum: words = [] } = schema;
  const wanted: fc.Arbitrary<unknown>[] = anyOf.map((branch) => valueOf({ ...schema, ...branch, anyOf: [] }, depth));
  if (anyOf.length === 0) {
    for (const type of types) wanted.push(typedValue(type, schema, depth));
    if (words.length > 0) wanted.push(fc.constantFrom(...words));
  }
  const often = wanted.map((arbitrary) => ({ arbitrary, weight: 600 }));
  return fc.oneof(...often, { arbitrary: fc.constantFrom(null, 0, -1, 1.5, true, '', 'x', [], {}), weight: 1 });
}

function typedValue(type: string, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const { minimum = 0, maximum = 0, items = {} } = schema;
  switch (type) {
    case 'object':
      return depth === 0 ? fc.constant({}) : mappingOf(schema, depth);
    case 'array':
      return depth === 0 ? fc.constant([]) : fc.array(valueOf(items, depth - 1), { minLength: 1, maxLength: 3 });
    case 'integer':
    case 'number':
      return oftenOneOf([minimum, maximum], [minimum - 1, maximum + 1, 2]);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return textOf(schema);
  }
}

function textOf({ format: name, enum: words = [] }: Schema): fc.Arbitrary<unknown> {
  const sound = soundTexts.filter((text) => name === undefined || formats[name]?.(text) === undefined);
  return oftenOneOf(words.length > 0 ? words : sound, soundTexts);
}

function oftenOneOf(often: readonly unknown[], seldom: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...often), weight: 300 },
    { arbitrary: fc.constantFrom(...seldom), weight: 1 },
  );
}

/** All that is required, now and then less; some of the rest, now and then an unknown key. */
function mappingOf({ properties = {}, required = [] }: Schema, depth: number): fc.Arbitrary<unknown> {
  const values = Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, valueOf(one, depth - 1)]));
  const extra = fc.oneof(
    { arbitrary: fc.constant({}), weight: 600 },
    { arbitrary: fc.constant({ extra: 1 }), weight: 1 },
  );
  const whole = fc.record(values, { requiredKeys: [...required] });
  const lacking = fc.record(values, { requiredKeys: [] });
  const mapping = fc.oneof({ arbitrary: whole, weight: 600 }, { arbitrary: lacking, weight: 1 });
  return fc.tuple(mapping, extra).map(([value, more]) => ({ ...value, ...more }));
}
