// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isExtendedResourceName } from './registration-rules.ts';

/** Together with `requests.`, which a quota puts before it, 253 characters. */
const longestDomain = `${'d'.repeat(63)}.`.repeat(4).slice(0, 244);

describe('isExtendedResourceName()', () => {
  it.each([
    'color.example.com/red',
    'a/b',
    'gpu.intel.com/i915_monitoring',
    'example.com/A-b_c.9',
    'requests/red',
    `${longestDomain}/red`,
    `example.com/${'n'.repeat(63)}`,
  ])('accepts %s', (name) => {
    expect(isExtendedResourceName(name)).toBe(true);
  });

  it.each([
    '',
    '/',
    'red',
    '/red',
    'example.com/',
    'example.com/red/',
    'example.com/red/dark',
    'kubernetes.io/red',
    'example.kubernetes.io/red',
    'requests.example.com/red',
    'Example.com/red',
    'example..com/red',
    '-example.com/red',
    'example.com-/red',
    'example.com/-red',
    'example.com/red.',
    'example.com/r ed',
    'example.com/red\n',
    `${longestDomain}d/red`,
    `example.com/${'n'.repeat(64)}`,
  ])('refuses %j', (name) => {
    expect(isExtendedResourceName(name)).toBe(false);
  });

  it('takes any text', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '.', '-', '_', '/', ' ', 'ä') });
    fc.assert(
      fc.property(part, (name) => {
        if (isExtendedResourceName(name))
          expect(name).toMatch(/^[a-z0-9][a-z0-9.-]*\/[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/);
      }),
    );
  });
});
