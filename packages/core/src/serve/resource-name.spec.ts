// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fullResourceName, resourceNameProblem } from './resource-name.ts';

describe('fullResourceName()', () => {
  it('puts the namespace in front, unless the resource is a full name', () => {
    expect(fullResourceName('color.example.com', 'yellow')).toBe('color.example.com/yellow');
    expect(fullResourceName('color.example.com', 'other.com/red')).toBe('other.com/red');
  });
});

describe('resourceNameProblem()', () => {
  it.each([
    'color.example.com/yellow',
    'a/b',
    'gpu.intel.com/i915_monitoring',
    'qat.intel.com/cy1_dc0.X-y',
    'example.com/9',
    `${'a'.repeat(244)}/${'b'.repeat(63)}`,
    'notkubernetes.io.example.com/x',
  ])('takes %s', (name) => {
    expect(resourceNameProblem(name)).toBeUndefined();
  });

  it.each([
    ['', 'domain/name'],
    ['yellow', 'domain/name'],
    ['a/b/c', 'domain/name'],
    ['example.com/', 'name'],
    ['/yellow', 'domain'],
    ['requests.example.com/a', 'requests.'],
    ['kubernetes.io/a', 'kubernetes.io'],
    ['sub.kubernetes.io/a', 'kubernetes.io'],
    ['mykubernetes.io/a', 'kubernetes.io'],
    ['Example.com/a', 'DNS subdomain'],
    ['example..com/a', 'DNS subdomain'],
    ['-example.com/a', 'DNS subdomain'],
    ['exa_mple.com/a', 'DNS subdomain'],
    ['example.com/-a', 'both ends'],
    ['example.com/a.', 'both ends'],
    ['example.com/a b', 'both ends'],
    ['example.com/a\n', 'both ends'],
    ['example.com\n/a', 'DNS subdomain'],
    [`${'a'.repeat(245)}/b`, '244 characters'],
    [`example.com/${'b'.repeat(64)}`, '64 characters'],
  ])('refuses %j because of its %s', (name, reason) => {
    expect(resourceNameProblem(name)).toContain(reason);
  });

  it('says nothing about names made as the rule says, and something when a foreign character is put in', () => {
    const alphanumeric = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
    const domain = fc.array(alphanumeric, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));
    const name = fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);
    fc.assert(
      fc.property(
        domain,
        name,
        fc.nat(),
        fc.constantFrom('/', ' ', '\n', 'é', '%', '\0', '@'),
        (prefix, suffix, where, foreign) => {
          const good = `${prefix}/${suffix}`;
          fc.pre(!prefix.startsWith('requests.'));
          expect(resourceNameProblem(good)).toBeUndefined();
          const at = where % (good.length + 1);
          expect(resourceNameProblem(good.slice(0, at) + foreign + good.slice(at))).toBeDefined();
        },
      ),
    );
  });

  it('takes long names without stalling', () => {
    expect(resourceNameProblem(`${'a.'.repeat(100)}-/x`)).toBeDefined();
    expect(resourceNameProblem(`${'a-'.repeat(1e6)}/x`)).toBeDefined();
  });
});
