// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { ConfigValue, keyOf, rejectRepeats } from './config-value.ts';

function problemsOf(value: unknown, read: (config: ConfigValue) => unknown): string[] {
  const config = new ConfigValue(value);
  read(config);
  return config.problems.map(({ path, reason }) => `${keyOf(path)}: ${reason}`);
}

describe('ConfigValue', () => {
  it('collects what is rejected anywhere below it', () => {
    const problems = problemsOf({ list: [{ name: 1 }, { name: 'ok' }] }, (config) => {
      for (const item of config.at('list').items()) item.at('name').rejectText('is wrong');
      config.at('missing').reject('is missing');
    });
    expect(problems).toEqual(['list[0].name: "1" is wrong', 'list[1].name: "ok" is wrong', 'missing: is missing']);
  });

  it('gives the value, or the fallback for what is absent or something else', () => {
    const config = new ConfigValue({ name: 'n', count: 9, word: true, nothing: null });
    expect([config.at('name').text('x'), config.at('count').text('x'), config.at('nothing').text('x')]).toEqual([
      'n',
      'x',
      'x',
    ]);
    expect([config.at('count').number(2), config.at('name').number(2)]).toEqual([9, 2]);
    expect([config.at('word').flag(), config.at('name').flag(), config.at('nothing').flag()]).toEqual([
      true,
      false,
      false,
    ]);
    expect(config.at('nothing').isAbsent).toBe(true);
    expect(config.problems).toEqual([]);
  });

  it.each([undefined, null, 'text', 1])('finds neither keys nor items in %j', (value) => {
    expect([new ConfigValue(value).keys(), new ConfigValue(value).items()]).toEqual([[], []]);
  });

  it('keeps the place of a value that becomes another', () => {
    expect(problemsOf({ name: 'a' }, (config) => config.at('name').as('x/a').rejectText('is taken'))).toEqual([
      'name: "x/a" is taken',
    ]);
  });

  it('cuts a long value short in what it says', () => {
    const [problem = ''] = problemsOf('x'.repeat(10_000), (config) => config.rejectText('is long'));
    expect(problem).toMatch(/^: "x{79}… is long$/);
  });

  it.each(['__proto__', 'constructor', 'toString'])('takes %s for a key like any other', (key) => {
    const config = new ConfigValue(JSON.parse(`{"${key}": 1}`));
    expect(config.has(key)).toBe(true);
    expect(config.keys()).toEqual([key]);
    expect(new ConfigValue({}).at(key).isAbsent).toBe(true);
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
