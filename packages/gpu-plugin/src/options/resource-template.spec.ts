// SPDX-License-Identifier: Apache-2.0
import { resourceNameProblem } from '@kube-device-plugins/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseResourceRules, resourceOf, type CardTraits } from './resource-template.ts';

const integrated: CardTraits = { driver: 'i915', device: 'a7a0', class: 'integrated' };
const discrete: CardTraits = { driver: 'xe', device: '56c0', class: 'discrete' };
const unknown: CardTraits = { driver: 'xe' };

function names(template: string): (string | undefined)[] {
  const rules = parseResourceRules(template, 'gpu.intel.com');
  return [integrated, discrete, unknown].map((card) => resourceOf(card, rules));
}

describe('resourceOf()', () => {
  it.each([
    ['{driver}', ['i915', 'xe', 'xe']],
    ['', ['i915', 'xe', 'xe']],
    ['{driver}-{class}', ['i915-integrated', 'xe-discrete', 'xe']],
    ['{driver}-{device}', ['i915-a7a0', 'xe-56c0', 'xe']],
    ['class=integrated:igpu', ['igpu', 'xe', 'xe']],
    ['class=integrated:', [undefined, 'xe', 'xe']],
    ['class=discrete:{driver}, :', [undefined, 'xe', undefined]],
    ['device=0x56c0:flex, class=integrated+driver=i915:small', ['small', 'flex', 'xe']],
    ['device=56c0:flex', ['i915', 'flex', 'xe']],
    ['driver=xe+class=integrated:a,driver=xe:b', ['i915', 'b', 'b']],
    ['gpu', ['gpu', 'gpu', 'gpu']],
  ])('names cards by %j', (template, expected) => {
    expect(names(template)).toEqual(expected);
  });
});

describe('parseResourceRules()', () => {
  it.each([
    ['{model}', 'has the placeholder {model}, which is none of driver, device, class'],
    ['a b', 'gives resources such as gpu.intel.com/a b, which has a name'],
    ['{driver}/x', 'gives resources such as gpu.intel.com/i915/x, which is not of the form'],
    ['{driver', 'gives resources such as gpu.intel.com/{driver, which has a name'],
    ['monitoring', 'is the name of a monitoring resource'],
    ['{driver}_monitoring', 'is the name of a monitoring resource'],
    ['x'.repeat(64), 'has a name of 64 characters'],
    ['class=big:gpu', 'has "big" as class, which is neither integrated nor discrete'],
    ['device=0x56C0:gpu', 'has "0x56C0" as device, which is not of the form 0x56c0'],
    ['driver=:gpu', 'has "" as driver, which is no name of a driver'],
    ['model=x:gpu', 'asks for "model", which is none of driver, device, class'],
    ['class:gpu', 'has "" as class'],
    ['{driver},', 'is empty'],
    ['class=discrete=x:gpu', 'asks for one value with each trait'],
  ])('refuses %j', (template, reason) => {
    expect(() => parseResourceRules(template, 'gpu.intel.com')).toThrow(reason);
    expect(() => parseResourceRules(template, 'gpu.intel.com')).toThrow(/^argument error: -resource-name-template: "/);
  });

  it('gives only names that a kubelet takes, or an error', () => {
    const piece = fc.constantFrom(
      '{driver}',
      '{class}',
      '{device}',
      '-',
      '_',
      '.',
      'x',
      'X1',
      '/',
      ' ',
      ':',
      ',',
      '=',
      '+',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        let given: (string | undefined)[] = [];
        try {
          given = names(pieces.join(''));
        } catch (error) {
          expect(error).toMatchObject({ code: 'FLAG_INVALID' });
        }
        for (const name of given)
          if (name !== undefined) expect(resourceNameProblem(`gpu.intel.com/${name}`)).toBeUndefined();
      }),
    );
  });
});
