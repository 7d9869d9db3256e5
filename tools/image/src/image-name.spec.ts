// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { registryProblem, tagProblem } from './image-name.ts';

describe('registryProblem()', () => {
  it.each(['plugins', 'a/b-c/d__e', 'localhost/x', 'localhost:5000', 'Registry.example.com:5000/a.b/c', '10.0.0.1/x'])(
    'takes %s',
    (registry) => {
      expect(registryProblem(registry)).toBeUndefined();
    },
  );

  it.each([
    '',
    'UPPER',
    'Foo Bar',
    '-x',
    'r.example.com/UPPER',
    'a//b',
    'a/',
    '/a',
    'a:b/c',
    'r.example.com/a:1',
    'a..b',
  ])('refuses %j', (registry) => {
    expect(registryProblem(registry)).toContain(`not '${registry}'`);
  });
});

describe('tagProblem()', () => {
  it.each(['v1.0', '_', 'a'.repeat(128)])('takes %s', (tag) => {
    expect(tagProblem(tag)).toBeUndefined();
  });

  it.each(['', 'x:y', 'a b', '-a', 'a'.repeat(129)])('refuses %j', (tag) => {
    expect(tagProblem(tag)).toContain(`not '${tag}'`);
  });
});
