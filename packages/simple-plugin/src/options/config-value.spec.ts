// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { ConfigValue, keyOf, rejectRepeats } from './config-value.ts';

const fine = () => undefined;

function problemsOf(value: unknown, read: (config: ConfigValue) => unknown): string[] {
  const config = new ConfigValue(value);
  read(config);
  return config.problems.map(({ path, reason }) => `${keyOf(path)}: ${reason}`);
}

describe('ConfigValue', () => {
  it('collects what is wrong anywhere below it', () => {
    const problems = problemsOf({ list: [{ name: 1 }, { name: 'ok', extra: 2 }], count: -1, word: 'c' }, (config) => {
      for (const item of config.at('list').items()) {
        item.isMapping(['name']);
        item.at('name').text(fine);
      }
      config.at('count').count(9, 0);
      config.at('word').choice(['a', 'b'], 'a');
    });
    expect(problems).toEqual([
      'list[0].name: has to be text; put it in quotes',
      'list[1].extra: is not a key that is known here; these are: name',
      'count: has to be a whole number from 0 to 9',
      'word: has to be one of a, b',
    ]);
  });

  it('gives the fallback for what is absent', () => {
    const config = new ConfigValue({ name: null });
    expect(config.at('name').text(fine, 'fallback')).toBe('fallback');
    expect(config.at('count').count(9, 2)).toBe(2);
    expect(config.at('word').choice(['a', 'b'], 'b')).toBe('b');
    expect(config.problems).toEqual([]);
  });

  it('gives the value where it is sound', () => {
    const config = new ConfigValue({ name: 'n', count: 9, word: 'a' });
    expect(config.at('name').text(fine)).toBe('n');
    expect(config.at('count').count(9, 2)).toBe(9);
    expect(config.at('word').choice(['a', 'b'], 'b')).toBe('a');
    expect(config.problems).toEqual([]);
  });

  it.each([1.5, 10, '3', true, Number.NaN])('rejects %j as a count up to 9', (value) => {
    expect(problemsOf(value, (config) => config.count(9, 0))).toEqual([': has to be a whole number from 0 to 9']);
  });

  it.each([undefined, null, [], {}, 'list'])('rejects %j as a list', (value) => {
    expect(problemsOf(value, (config) => config.items())).toEqual([': has to be a list with at least one item']);
  });

  it.each([undefined, null, [], 'text', 1])('rejects %j as a mapping', (value) => {
    expect(problemsOf(value, (config) => config.isMapping(['a', 'b']))).toEqual([
      ': has to be a mapping with the keys a, b',
    ]);
  });

  it('rejects text with a control character without looking further', () => {
    const read = (config: ConfigValue): string => config.text(() => 'is read');
    expect(problemsOf('a\u001b[2J', read)).toEqual([String.raw`: "a\u001b[2J" has a control character`]);
  });

  it('rejects text that has to be there', () => {
    expect(problemsOf({}, (config) => config.at('name').text(fine))).toEqual(['name: is missing']);
  });

  it('cuts a long value short in what it says', () => {
    const [problem = ''] = problemsOf('x'.repeat(10_000), (config) => config.text(() => 'is long'));
    expect(problem).toMatch(/^: "x{79}… is long$/);
  });

  it.each(['__proto__', 'constructor', 'toString'])('takes %s for a key like any other', (key) => {
    const config = new ConfigValue(JSON.parse(`{"${key}": 1}`));
    expect(config.has(key)).toBe(true);
    expect(new ConfigValue({}).at(key).isAbsent).toBe(true);
    config.isMapping(['name']);
    expect(config.problems).toHaveLength(1);
  });
});

describe('rejectRepeats()', () => {
  it('rejects the later of two equal texts and nothing else', () => {
    const problems = problemsOf(['a', 'b', 'a', 1, 1, null], (config) => rejectRepeats(config.items()));
    expect(problems).toEqual(['[2]: "a" is already at [0]']);
  });
});

describe('keyOf()', () => {
  it.each([
    [[], ''],
    [['a', 0, 'b'], 'a[0].b'],
    [['a b\n'], String.raw`"a b\n"`],
  ])('writes %j as %s', (path, expected) => expect(keyOf(path)).toBe(expected));
});
