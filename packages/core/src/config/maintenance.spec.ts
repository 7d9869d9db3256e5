// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigValue } from './config-value.ts';
import { maintenanceSchema, readMaintenance } from './maintenance.ts';
import { checkSchema } from './schema.ts';

function problemsOf(value: unknown): readonly string[] {
  const config = new ConfigValue(value);
  checkSchema(config, maintenanceSchema);
  return config.problems.map(({ reason }) => reason);
}

const entry = { device: 'card0', reason: 'RMA 1' };

describe('maintenanceSchema and readMaintenance()', () => {
  it('read entries', () => {
    const until = '2026-12-01T02:00:00.5+02:00';
    const value = new ConfigValue([
      entry,
      { ...entry, resource: 'a.b/c', until },
      { ...entry, resource: null, until: null },
    ]);
    checkSchema(value, maintenanceSchema);
    expect(value.problems).toEqual([]);
    const plain = { ...entry, resource: undefined, untilMs: undefined };
    expect(readMaintenance(value)).toEqual([
      plain,
      { ...entry, resource: 'a.b/c', untilMs: Date.UTC(2026, 11, 1, 0, 0, 0, 500) },
      plain,
    ]);
    expect(readMaintenance(new ConfigValue(undefined))).toEqual([]);
  });

  it.each<[unknown, string]>([
    [{}, 'a list'],
    ['card0', 'a list'],
    [['card0'], 'a mapping with the keys device'],
    [[{ device: 'card0' }], 'is missing'],
    [[{ ...entry, device: 0 }], 'has to be text'],
    [[{ ...entry, device: 'a b' }], '"a b" does not match'],
    [[{ ...entry, device: 'x'.repeat(129) }], 'does not match'],
    [[{ ...entry, reason: 'a\nb' }], 'does not match'],
    [[{ ...entry, resource: 'i915' }], '"i915" does not match'],
    [[{ ...entry, untill: '' }], 'did you mean until?'],
    ...['2026-12-01', '2026-12-01T00:00:00', '2026-13-01T00:00:00Z', 'now', ''].map((until): [unknown, string] => [
      [{ ...entry, until }],
      'has to be a date and a time with its zone',
    ]),
    [Array.from({ length: 1_001 }, () => entry), 'has more than 1000 items'],
  ])('refuse %j', (value, reason) => expect(problemsOf(value).join()).toContain(reason));

  it('read anything that has no problem without throwing', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('2026-12-01T00:00:00Z', 'a.b/c'));
    const item = fc.record({ device: text, reason: text, resource: text, until: text }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.oneof(fc.array(item), fc.jsonValue()), (value) => {
        if (problemsOf(value).length > 0) return;
        for (const { untilMs } of readMaintenance(new ConfigValue(value))) expect(untilMs).not.toBeNaN();
      }),
    );
  });
});
