// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { serviceResource } from './service-resource.ts';

describe('serviceResource()', () => {
  it.each([
    ['sym;asym', 'cy'],
    ['asym;sym', 'cy'],
    ['dc', 'dc'],
    ['sym', 'sym'],
    ['asym', 'asym'],
    ['sym;dc', 'sym-dc'],
    ['asym;dc', 'asym-dc'],
    ['dc;sym', 'dc-sym'],
    ['dc;asym', 'dc-asym'],
    ['dcc', 'dcc'],
    ['decomp', 'decomp'],
    ['asym;sym;dc', 'asym-sym-dc'],
    ['asym;sym;decomp', 'asym-sym-decomp'],
    ['sym;decomp', 'sym-decomp'],
    ['asym;decomp', 'asym-decomp'],
    ['sym;asym;dc', 'sym-asym-dc'],
    ['', 'generic'],
  ])('makes of %j %s', (services, resource) => {
    expect(serviceResource(services)).toBe(resource);
  });
});
