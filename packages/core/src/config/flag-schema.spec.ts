// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { commonFlags } from '../cli/common-flags.ts';
import type { FlagDefinition } from '../cli/flag-definition.ts';
import { klogFlags } from '../cli/klog-flags.ts';
import { ConfigValue } from './config-value.ts';
import { flagSchema, flagValue } from './flag-schema.ts';
import { checkSchema } from './schema.ts';

function read(definition: FlagDefinition, value: unknown): unknown {
  const config = new ConfigValue(value);
  checkSchema(config, flagSchema(definition));
  const [problem] = config.problems;
  return problem === undefined ? flagValue(definition, value) : problem.reason;
}

const int: FlagDefinition = {
  type: 'int',
  default: 1,
  usage: '',
  check: (n) => (n > 9 ? 'must be at most 9' : undefined),
};
const strings: FlagDefinition = { type: 'strings', default: [], usage: '' };
const { registration, 'scan-period': period, 'metrics-bind-address': address } = commonFlags;

describe('flagSchema() and flagValue()', () => {
  it.each<[FlagDefinition, unknown, unknown]>([
    [int, 4, 4],
    [int, -4, -4],
    [klogFlags.log_file_max_size, 0, 0],
    [klogFlags.logtostderr, false, false],
    [klogFlags.v, 4, 4],
    [klogFlags.v, '4', 4],
    [klogFlags.vmodule, 'scan=4', [{ pattern: 'scan', level: 4 }]],
    [klogFlags.stderrthreshold, 'warning', 1],
    [period, '1m30s', 90_000],
    [registration, 'watcher', 'watcher'],
    [address, 0, undefined],
    [address, ':80', { port: 80 }],
    [strings, ['a', 'b'], ['a', 'b']],
  ])('read a value as the flag: %#', (definition, value, expected) => {
    expect(read(definition, value)).toEqual(expected);
  });

  it.each<[FlagDefinition, unknown, string]>([
    [int, 10, '"10" must be at most 9'],
    [int, 1.5, 'has to be a whole number'],
    [int, '4', 'has to be a whole number'],
    [int, 2 ** 60, '"1152921504606847000" is no value of it: value out of range'],
    [klogFlags.log_file_max_size, -1, 'has to be a whole number of at least 0'],
    [klogFlags.logtostderr, 'yes', 'has to be true or false'],
    [klogFlags.v, 'x', '"x" is no value of it: parse error'],
    [period, 5, 'has to be text such as 5s'],
    [period, '5', '"5" is no value of it: parse error: the unit is missing, as in 5s'],
    [period, '1ms', '"1ms" must be from 100ms to 24h0m0s'],
    [registration, 'both', 'has to be one of register, watcher'],
    [commonFlags.prefix, 'host', '"host" must be an absolute path'],
    [address, '8080', '"8080" must be host:port, :port, or 0 for none'],
    [strings, 'a', 'has to be a list'],
    [strings, [1], 'has to be text; put it in quotes'],
  ])('refuse one in the words of the flag: %#', (definition, value, expected) => {
    expect(read(definition, value)).toContain(expected);
  });

  it('take a key without a value for none', () => {
    for (const definition of Object.values({ ...commonFlags, ...klogFlags, int, strings })) {
      const config = new ConfigValue(null);
      checkSchema(config, flagSchema(definition));
      expect(config.problems).toEqual([]);
    }
  });
});
