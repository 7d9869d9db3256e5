// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '../errors.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfigDocument, rejectProblems } from './config-document.ts';

async function messageFor(text: string): Promise<string> {
  const error: unknown = await parseConfigDocument('x.yaml', text).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  return error instanceof Error ? error.message : '';
}

describe('parseConfigDocument()', () => {
  it('reads YAML and JSON', async () => {
    expect((await parseConfigDocument('x', 'a: [1, b]')).root.value).toEqual({ a: [1, 'b'] });
    expect((await parseConfigDocument('x', '{"a": [1, "b"]}')).root.value).toEqual({ a: [1, 'b'] });
    expect((await parseConfigDocument('x', '')).root.isAbsent).toBe(true);
  });

  it.each([
    ['a: 1\n\na: 2\n', 'x.yaml:3:1: Map keys must be unique'],
    ['a: b: c', 'x.yaml:1:4: Nested mappings are not allowed in compact mappings'],
    ['a\n---\nb', 'x.yaml:2:1: a second document begins here; a configuration is one'],
    ['[a]: 1', 'x.yaml:1:1: With stringKeys, all keys must be strings'],
  ])('names the line of what is wrong in %j', async (text, message) => {
    expect(await messageFor(text)).toContain(message);
  });

  it('names each thing that is wrong, one a line', async () => {
    expect((await messageFor('a: 1\na: 2\nb: 1\nb: 2')).split('\n')).toHaveLength(2);
  });

  it('refuses aliases that double the file at each level', async () => {
    const levels = Array.from({ length: 30 }, (_, level) => `l${level + 1}: &l${level + 1} [*l${level}, *l${level}]`);
    expect(await messageFor(['l0: &l0 [x]', ...levels].join('\n'))).toMatch(
      /^x\.yaml:1:1: cannot be read as YAML: Excessive alias count/,
    );
  });

  it('refuses an alias of nothing', async () => {
    await expect(parseConfigDocument('x.yaml', 'a: *missing')).rejects.toMatchObject({
      message:
        'x.yaml:1:1: cannot be read as YAML: Unresolved alias (the anchor must be set before the alias): missing',
    });
  });

  it('refuses brackets nested deeper than the stack', async () => {
    expect(await messageFor('['.repeat(500_000))).toMatch(/^x\.yaml/);
  });

  it('says where a value is, or what would hold it', async () => {
    const { placeOf } = await parseConfigDocument('x.yaml', '\na:\n  - b: 1\n    c: 2\n');
    expect(placeOf([])).toBe('x.yaml:2:1');
    expect(placeOf(['a', 0, 'c'])).toBe('x.yaml:4:8: a[0].c');
    expect(placeOf(['a', 0, 'c'], true)).toBe('x.yaml:4:5: a[0].c');
    expect(placeOf(['a', 0, 'missing', 'deeper'])).toBe('x.yaml:3:5: a[0].missing.deeper');
    expect((await parseConfigDocument('x.yaml', '')).placeOf([])).toBe('x.yaml:1:1');
  });

  it('throws nothing but CONFIG_INVALID, whatever the text', async () => {
    const yaml = fc.array(
      fc.constantFrom('a', ': ', '- ', '\n', '  ', '&a ', '*a', '[', ']', '{', '}', '"', '|', '!!x ', '%', '#', '---'),
    );
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      yaml.map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(text, async (source) => {
        const error: unknown = await parseConfigDocument('x.yaml', source).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(error === undefined || (error instanceof DevicePluginError && error.code === 'CONFIG_INVALID')).toBe(
          true,
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('rejectProblems()', () => {
  it('passes a configuration without problems', async () => {
    const document = await parseConfigDocument('x.yaml', 'a: 1');
    expect(() => rejectProblems(document)).not.toThrow();
  });

  it('throws all problems at once, with place and reason', async () => {
    const document = await parseConfigDocument('x.yaml', 'a: 1\nb: 2');
    document.root.at('a').reject('is one');
    document.root.at('b').reject('is two');
    expect(() => rejectProblems(document)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: 'x.yaml:1:4: a: is one\nx.yaml:2:4: b: is two' }),
    );
  });

  it('counts what is more than anybody reads', async () => {
    const document = await parseConfigDocument('x.yaml', 'a: 1');
    for (let index = 0; index < 60; index += 1) document.root.at('a').reject('is wrong');
    expect(() => rejectProblems(document)).toThrow(/^(x\.yaml:1:4: a: is wrong\n){50}and 10 more$/);
  });
});
