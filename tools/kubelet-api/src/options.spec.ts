// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseOptions, usage } from './options.ts';

const given = ['v1.38.0', '--proto', 'api.proto'];
const none = { help: false, dryRun: false, force: false, keep: false };

describe('parseOptions()', () => {
  it.each([
    [given, {}],
    [['--proto=api.proto', 'v1.38.0', '--dry-run'], { dryRun: true }],
    [[...given, '--force', '--keep'], { force: true, keep: true }],
  ])('takes %j', (args, expected) => {
    expect(parseOptions(args)).toEqual({
      options: { ...none, release: 'v1.38.0', proto: 'api.proto', ...expected },
    });
  });

  it.each([['-h'], ['--help'], ['--help', '--force']])('needs nothing more with %j', (...args) => {
    expect(parseOptions(args)).toMatchObject({ options: { help: true } });
  });

  it.each([
    [[], 'no release'],
    [['v1.38.0'], '--proto FILE'],
    [['latest', '--proto', 'a'], "'latest' is no release of Kubernetes"],
    [[...given, 'v1.39.0'], "'v1.39.0' is too much"],
    [[...given, '--fast'], '--fast'],
    [['v1.38.0', '--proto'], '--proto'],
  ])('says what is wrong with %j', (args, problem) => {
    expect(parseOptions(args)).toEqual({ problem: expect.stringContaining(problem) as string });
  });

  it('has a line of help for each option', () => {
    for (const name of ['--proto FILE', '--dry-run', '--force', '--keep', '--help']) expect(usage).toContain(name);
  });
});
