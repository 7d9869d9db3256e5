// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { ConfigValue, keyOf } from './config-value.ts';
import { checkSchema, optional, type Schema } from './schema.ts';

const formats = {
  'usb-id': (text: string) =>
    /^[0-9a-f]{4}$/.test(text) ? undefined : 'is not a USB id of up to four hexadecimal digits',
};

function problemsOf(value: unknown, schema: Schema): string[] {
  const config = new ConfigValue(value);
  checkSchema(config, schema, formats);
  return config.problems.map(({ path, reason }) => (path.length === 0 ? reason : `${keyOf(path)}: ${reason}`));
}

const count: Schema = { type: 'integer', minimum: 0, maximum: 9 };
const mapping: Schema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: { name: { type: 'string', format: 'text' }, count: optional(count) },
};

describe('checkSchema()', () => {
  it.each([1.5, 10, -1, '3', true, Number.NaN])('rejects %j as a count up to 9', (value) => {
    expect(problemsOf(value, count)).toEqual(['has to be a whole number from 0 to 9']);
  });

  it.each([Number.NaN, Infinity, 0])('rejects %j as a number', (value) => {
    expect(problemsOf(value, { type: 'number', minimum: 0.1, maximum: 9 })).toEqual([
      'has to be a number from 0.1 to 9',
    ]);
  });

  it.each([undefined, null, [], {}, 'list'])('rejects %j as a list', (value) => {
    expect(problemsOf(value, { type: 'array', minItems: 1 })).toEqual(['has to be a list with at least one item']);
  });

  it('rejects a list that is too long as a whole', () => {
    expect(problemsOf(['a', 'b'], { type: 'array', maxItems: 1, items: count })).toEqual(['has more than 1 items']);
  });

  it.each([undefined, null, [], 'text', 1])('rejects %j as a mapping', (value) => {
    expect(problemsOf(value, mapping)).toEqual(['has to be a mapping with the keys name, count']);
  });

  it('names keys that are unknown, wrong or missing, wherever they are', () => {
    const items = [{ name: 1 }, { name: 'ok', extra: 2, count: 'x' }, { count: 3 }, { name: null }];
    expect(problemsOf(items, { type: 'array', items: mapping })).toEqual([
      '[0].name: has to be text; put it in quotes',
      '[1].extra: is not a key that is known here; these are: name, count; did you mean name?',
      '[1].count: has to be a whole number from 0 to 9',
      '[2].name: is missing',
      '[3].name: is missing',
    ]);
  });

  it('takes null for what may be left out', () => {
    expect(problemsOf({ name: 'a', count: null }, mapping)).toEqual([]);
    expect(problemsOf(null, optional({ type: 'string', enum: ['a'] }))).toEqual([]);
  });

  it.each(['b', null, 1])('rejects %j as one of some words', (value) => {
    expect(problemsOf(value, { enum: ['a', 'c'] })).toEqual(['has to be one of a, c']);
  });

  it('names the kinds of value that there may be', () => {
    expect(problemsOf(1, { type: ['string', 'array', 'null'] })).toEqual([
      'has to be text; put it in quotes, or a list',
    ]);
    expect(problemsOf(1, { type: 'boolean' })).toEqual(['has to be true or false']);
  });

  it('says what a format says, and names a pattern only when there is nothing better', () => {
    const schema: Schema = { type: 'string', format: 'usb-id', pattern: '^1a' };
    expect(problemsOf('xyz', schema)).toEqual(['"xyz" is not a USB id of up to four hexadecimal digits']);
    expect(problemsOf('2a86', schema)).toEqual(['"2a86" does not match ^1a']);
    expect(problemsOf('1a86', schema)).toEqual([]);
  });

  it('asks what only the code can tell of a value of the right type', () => {
    const even: Schema = {
      type: ['integer', 'null'],
      check: (value) => (Number(value) % 2 === 0 ? undefined : 'is odd'),
    };
    expect(problemsOf([2, 3, null, 'x'], { type: 'array', items: even })).toEqual([
      '[1]: "3" is odd',
      '[3]: has to be a whole number',
    ]);
  });

  it('points at keys that are unknown, and guesses no more when nothing but such comes', () => {
    const config = new ConfigValue(Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`nam${index}`, 1])));
    checkSchema(config, { type: 'object', additionalProperties: false, properties: { name: {} } });
    expect(config.problems.every(({ isOfKey }) => isOfKey)).toBe(true);
    expect(config.problems.filter(({ reason }) => reason.includes('did you mean name?'))).toHaveLength(51);
  });

  it('takes the branch of which a value has the key, else the first', () => {
    const branch = (key: string): Schema => ({
      type: 'object',
      required: [key],
      additionalProperties: false,
      properties: { [key]: count },
    });
    const schema = { anyOf: [branch('a'), branch('b')] };
    expect(problemsOf({ b: 10 }, schema)).toEqual(['b: has to be a whole number from 0 to 9']);
    expect(problemsOf({}, schema)).toEqual(['a: is missing']);
    expect(problemsOf({ a: 1, b: 1 }, schema)).toEqual([
      'b: is not a key that is known here; these are: a; did you mean a?',
    ]);
  });

  it('counts keys', () => expect(problemsOf({}, { type: 'object', minProperties: 1 })).toEqual(['has no key']));

  it.each(['__proto__', 'constructor', 'toString'])('takes %s for a key like any other', (key) => {
    expect(problemsOf(JSON.parse(`{"name": "a", "${key}": 1}`), mapping)).toHaveLength(1);
  });
});
