// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { DevicePluginError } from '../errors.ts';
import type { FlagDefinitions } from './flag-definition.ts';
import { environmentName, parseGoFlags } from './go-flags.ts';

const flags = {
  mode: { type: 'string', default: 'dpdk', usage: '', choices: ['dpdk', 'kernel'] },
  driver: {
    type: 'string',
    default: 'vfio-pci',
    usage: '',
    check: (text: string) => (text === 'x' ? 'must not be x' : undefined),
  },
  v: { type: 'int', default: 0, usage: '' },
  'max-num-devices': {
    type: 'uint',
    default: 64,
    usage: '',
    check: (count: number) => (count > 0 ? undefined : 'must be positive'),
  },
  b: { type: 'bool', default: false, usage: '' },
  'scan-period': { type: 'duration', default: 5_000, usage: '' },
} as const satisfies FlagDefinitions;

function valuesOf(argv: readonly string[], env: Record<string, string> = {}) {
  const parsed = parseGoFlags(flags, argv, env);
  if (parsed.kind !== 'values') throw new Error('asked for help');
  return parsed.values;
}

describe('parseGoFlags()', () => {
  it('gives the defaults to an empty command line, with types of their own', () => {
    const values = valuesOf([]);
    expect(values).toEqual({
      mode: 'dpdk',
      driver: 'vfio-pci',
      v: 0,
      'max-num-devices': 64,
      b: false,
      'scan-period': 5_000,
    });
    expectTypeOf(values.mode).toEqualTypeOf<'dpdk' | 'kernel'>();
    expectTypeOf(values.v).toEqualTypeOf<number>();
    expectTypeOf(values.b).toEqualTypeOf<boolean>();
    expectTypeOf(values.driver).toEqualTypeOf<string>();
  });

  it.each([[['-v', '4']], [['-v=4']], [['--v=4']], [['--v', '4']], [['-v', '1', '-v=4']], [['-v=4', '--']]])(
    'reads %j as 4',
    (argv) => {
      expect(valuesOf(argv).v).toBe(4);
    },
  );

  it.each([
    [['-b'], true],
    [['--b=true'], true],
    [['-b=1'], true],
    [['-b=T'], true],
    [['-b', '-b=FALSE'], false],
    [['-b=0'], false],
  ])('reads %j as %j', (argv, value) => {
    expect(valuesOf(argv).b).toBe(value);
  });

  it('collects what a flag of strings says each time', () => {
    const device = { device: { type: 'strings', default: [], usage: '' } } as const satisfies FlagDefinitions;
    const devicesOf = (argv: readonly string[], env = {}) => {
      const parsed = parseGoFlags(device, argv, env);
      return parsed.kind === 'values' ? parsed.values.device : undefined;
    };
    expect(devicesOf([])).toEqual([]);
    expect(devicesOf(['-device', 'a', '-device=b,c'])).toEqual(['a', 'b,c']);
    expect(devicesOf([], { KDP_DEVICE: 'a' })).toEqual(['a']);
  });

  it('gives a flag the next argument, even one that looks like a flag', () => {
    expect(valuesOf(['-driver', '-b'])).toMatchObject({ driver: '-b', b: false });
    expect(valuesOf(['-driver', '--']).driver).toBe('--');
    expect(valuesOf(['-driver=']).driver).toBe('');
    expect(valuesOf(['-driver=a=b']).driver).toBe('a=b');
  });

  it('never gives the next argument to a bool', () => {
    expect(() => valuesOf(['-b', 'false'])).toThrow('unexpected argument "false"');
  });

  it.each([
    [['-x'], 'flag provided but not defined: -x'],
    [['--x=1'], 'flag provided but not defined: -x'],
    [['-constructor'], 'flag provided but not defined: -constructor'],
    [['-v'], 'flag needs an argument: -v'],
    [['-v', 'x'], 'invalid value "x" for flag -v: parse error'],
    [['-v='], 'invalid value "" for flag -v: parse error'],
    [['-v=99999999999999999999'], 'invalid value "99999999999999999999" for flag -v: value out of range'],
    [['-b=yes'], 'invalid boolean value "yes" for -b: parse error'],
    [['-b='], 'invalid boolean value "" for -b: parse error'],
    [['-scan-period', '5'], 'invalid value "5" for flag -scan-period: parse error: the unit is missing, as in 5s'],
    [['-mode', 'af'], 'invalid value "af" for flag -mode: must be dpdk or kernel'],
    [['-driver=x'], 'invalid value "x" for flag -driver: must not be x'],
    [['-max-num-devices', '0'], 'invalid value "0" for flag -max-num-devices: must be positive'],
    [['---v'], 'bad flag syntax: ---v'],
    [['-=v'], 'bad flag syntax: -=v'],
    [['--=v'], 'bad flag syntax: --=v'],
    [['-'], 'unexpected argument "-": there are only flags'],
    [['', '-v=1'], 'unexpected argument "": there are only flags'],
    [['--', '-v=1'], 'unexpected argument "-v=1": there are only flags'],
  ])('refuses %j', (argv, message) => {
    expect(() => valuesOf(argv)).toThrow(expect.objectContaining({ code: 'FLAG_INVALID', message }) as Error);
  });

  it('hands over the arguments behind the flags where they are allowed', () => {
    const parsed = parseGoFlags(flags, ['-v=1', 'show', '-v=2'], {}, { allowArguments: true });
    expect(parsed).toMatchObject({ kind: 'values', values: { v: 1 }, args: ['show', '-v=2'] });
  });

  it.each([[['-h']], [['--help']], [['-v=1', '-help']], [['-h=x', '-x']]])('takes %j as a cry for help', (argv) => {
    expect(parseGoFlags(flags, argv, {})).toEqual({ kind: 'help' });
  });

  it('reports a mistake that comes before the cry for help', () => {
    expect(() => valuesOf(['-x', '-h'])).toThrow('not defined: -x');
  });

  it('lets a program have a flag -h of its own', () => {
    const own = { h: { type: 'bool', default: false, usage: '' } } as const;
    expect(parseGoFlags(own, ['-h'], {})).toMatchObject({ values: { h: true } });
  });

  it('reads the environment, which a flag goes before', () => {
    const env = { KDP_MAX_NUM_DEVICES: '8', KDP_B: 'true', KDP_MODE: 'kernel' };
    expect(valuesOf([], env)).toMatchObject({ 'max-num-devices': 8, b: true, mode: 'kernel' });
    expect(valuesOf(['-max-num-devices=9', '-b=false'], env)).toMatchObject({ 'max-num-devices': 9, b: false });
    expect(valuesOf(['-v=1'], { KDP_V: 'nonsense' }).v).toBe(1);
    expect(valuesOf([], { KDP_V: '' }).v).toBe(0);
  });

  it.each([
    [{ KDP_V: 'x' }, 'invalid value "x" for environment variable KDP_V: parse error'],
    [{ KDP_B: 'on' }, 'invalid value "on" for environment variable KDP_B: parse error'],
    [{ KDP_MODE: 'af' }, 'invalid value "af" for environment variable KDP_MODE: must be dpdk or kernel'],
  ])('names the variable in %j', (env, message) => {
    expect(() => valuesOf([], env)).toThrow(message);
  });

  it('reads back every value in every spelling, with the last one counting', () => {
    const name = fc.stringMatching(/^[a-z_][a-z0-9_.-]{0,8}$/).filter((text) => text !== 'h' && text !== 'help');
    const flag = fc.oneof(
      fc.record({ type: fc.constant('string' as const), value: fc.string(), default: fc.constant('') }),
      fc.record({ type: fc.constant('bool' as const), value: fc.boolean(), default: fc.constant(false) }),
      fc.record({ type: fc.constant('int' as const), value: fc.maxSafeInteger(), default: fc.constant(0) }),
      fc.record({ type: fc.constant('uint' as const), value: fc.nat(), default: fc.constant(0) }),
    );
    const spelling = fc.record({ dashes: fc.constantFrom('-', '--'), joined: fc.boolean(), before: fc.boolean() });
    fc.assert(
      fc.property(fc.dictionary(name, fc.tuple(flag, spelling)), (given) => {
        const definitions = Object.fromEntries(
          Object.entries(given).map(([key, [{ type, default: byDefault }]]) => [
            key,
            { type, default: byDefault, usage: '' },
          ]),
        );
        const argv = Object.entries(given).flatMap(([key, [{ type, value }, { dashes, joined, before }]]) => {
          const earlier = before ? [`-${key}=${type === 'bool' ? String(!value) : '1'}`] : [];
          const later =
            joined || type === 'bool' ? [`${dashes}${key}=${String(value)}`] : [`${dashes}${key}`, String(value)];
          return [...earlier, ...later];
        });
        const parsed = parseGoFlags(
          definitions as FlagDefinitions,
          [...argv, '--', 'rest'],
          {},
          { allowArguments: true },
        );
        const values = Object.fromEntries(Object.entries(given).map(([key, [{ value }]]) => [key, value]));
        expect(parsed).toEqual({ kind: 'values', values, args: ['rest'] });
      }),
    );
  });

  it('throws nothing but FLAG_INVALID, whatever it reads', () => {
    const piece = fc.constantFrom(
      '-',
      '--',
      '=',
      'v',
      'b',
      'mode',
      'driver',
      'scan-period',
      'h',
      '1',
      'kernel',
      '5s',
      ' ',
      '\n',
      '__proto__',
    );
    const arg = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(fc.array(arg, { maxLength: 5 }), fc.string(), (argv, text) => {
        try {
          return ['values', 'help'].includes(parseGoFlags(flags, argv, { KDP_V: text }).kind);
        } catch (error) {
          return error instanceof DevicePluginError && error.code === 'FLAG_INVALID';
        }
      }),
    );
  });
});

describe('environmentName()', () => {
  it.each([
    ['v', 'KDP_V'],
    ['max-num-devices', 'KDP_MAX_NUM_DEVICES'],
    ['log_dir', 'KDP_LOG_DIR'],
  ])('of %s is %s', (flag, variable) => {
    expect(environmentName(flag)).toBe(variable);
  });
});
