// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Contract, Field } from './contract.ts';
import { describeChange, difference, isBreaking } from './difference.ts';

const health = { name: 'health', number: 2, type: 'string' };
const allocate = { name: 'Allocate', request: 'A', response: 'B', comment: '' };

function contract(fields: readonly Partial<Field>[], more: Partial<Contract> = {}): Contract {
  const whole = fields.map((field) => ({ ...health, deprecated: false, comment: '', ...field }));
  const messages = [{ name: 'Device', fields: whole, reserved: [], comment: '' }];
  return { package: 'v1beta1', comment: '', services: [], enums: [], messages, ...more };
}

describe('difference()', () => {
  it.each([
    ['a field that is new', [health], [health, { name: 'owner', number: 3 }], ['+ Device.owner: string, number 3']],
    ['a field that is gone', [health], [], ['- Device.health: string, number 2']],
    ['another number', [health], [{ number: 4 }], ['! Device.health: renumbered from 2 to 4']],
    ['another type', [health], [{ type: 'bytes' }], ['! Device.health: changed from string to bytes']],
    ['another name', [health], [{ name: 'state' }], ['! Device.health: renamed to state']],
    [
      'another name and type',
      [health],
      [{ name: 'state', type: 'int32' }],
      ['! Device.health: renamed to state', '! Device.state: changed from string to int32'],
    ],
    [
      'a number that has changed hands',
      [health],
      [{ number: 4 }, { name: 'owner', number: 2 }],
      ['! Device.health: renumbered from 2 to 4', '+ Device.owner: string, number 2'],
    ],
  ])('sees %s', (_name, before, after, told) => {
    expect(difference(contract(before), contract(after)).map(describeChange)).toEqual(told);
  });

  it('sees messages, services, RPCs and enums that come, go and change', () => {
    const values = [{ name: 'NONE', number: 0, comment: '' }];
    const before = contract([], {
      services: [
        { name: 'Old', rpcs: [], comment: '' },
        { name: 'Plugin', rpcs: [allocate], comment: '' },
      ],
      enums: [{ name: 'Kind', values, comment: '' }],
    });
    const after = contract([], {
      services: [{ name: 'Plugin', rpcs: [{ ...allocate, response: 'stream B' }], comment: '' }],
      enums: [{ name: 'Kind', values: [...values, { name: 'ONE', number: 1, comment: '' }], comment: '' }],
      messages: [{ name: 'Owner', fields: [{ ...health, deprecated: false, comment: '' }], reserved: [], comment: '' }],
    });
    expect(difference(before, after).map(describeChange)).toEqual([
      '- service Old',
      '! Plugin.Allocate(): changed from A → B to A → stream B',
      '- message Device',
      '+ message Owner',
      '+ Owner.health: string, number 2',
      '+ Kind.ONE: value, number 1',
    ]);
  });

  const someFields = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      number: fc.integer({ min: 1, max: 5 }),
      type: fc.constantFrom('string', 'int32'),
    }),
    { selector: ({ name }) => name },
  );

  it('tells nothing of what is the same, and only what is new is harmless', () => {
    fc.assert(
      fc.property(someFields, someFields, (before, after) => {
        expect(difference(contract(before), contract(before.toReversed()))).toEqual([]);
        const changes = difference(contract(before), contract(after));
        const isKept = before.every((one) =>
          after.some(({ name, number, type }) => name === one.name && number === one.number && type === one.type),
        );
        expect(!changes.some(isBreaking)).toBe(isKept);
      }),
    );
  });
});
