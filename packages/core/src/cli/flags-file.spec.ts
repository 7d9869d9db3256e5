// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DevicePluginError } from '../errors.ts';
import type { FlagDefinitions, FlagValues } from './flag-definition.ts';
import { parseFlagsFile } from './flags-file.ts';
import { parseGoFlags } from './go-flags.ts';

const flags = {
  mode: { type: 'string', default: 'dpdk', usage: '', choices: ['dpdk', 'kernel'] },
  count: { type: 'uint', default: 64, usage: '' },
  strict: { type: 'bool', default: false, usage: '' },
  device: { type: 'strings', default: [], usage: '' },
  note: { type: 'string', default: '', usage: '' },
} as const satisfies FlagDefinitions;

function parse(text: string, check?: (values: FlagValues<typeof flags>) => unknown): FlagValues<typeof flags> {
  return parseFlagsFile({ path: '/etc/x.flags', text }, flags, check);
}

describe('parseFlagsFile()', () => {
  it('gives the defaults to an empty file', () => {
    expect(parse('')).toEqual({ mode: 'dpdk', count: 64, strict: false, device: [], note: '' });
  });

  it('takes a flag from each line, and neither comments nor empty lines', () => {
    const text =
      '# all of them\n\n  -mode=kernel\r\n\t--count  3 \n -strict\n#-count=4\n-device a: 1\n-device=b: "2"\n';
    expect(parse(text)).toEqual({ mode: 'kernel', count: 3, strict: true, device: ['a: 1', 'b: "2"'], note: '' });
  });

  it('takes the value as it is, whatever a shell would make of it', () => {
    expect(parse(`-note 'a  b' # $HOME`).note).toBe(`'a  b' # $HOME`);
    expect(parse('-note=-strict -x').note).toBe('-strict -x');
    expect(parse('-note= a').note).toBe(' a');
  });

  it('takes nothing from the environment', () => {
    process.env['KDP_COUNT'] = '7';
    expect(parse('').count).toBe(64);
    delete process.env['KDP_COUNT'];
  });

  it.each([
    ['-strict\n-count=many', '2: invalid value "many" for flag -count: parse error'],
    ['-mode dual', '1: invalid value "dual" for flag -mode: must be dpdk or kernel'],
    ['# x\n\n-nope', '3: flag provided but not defined: -nope; did you mean -note?'],
    ['-mode\n-strict', '1: flag needs an argument: -mode'],
    ['-strict false', '1: unexpected argument "false": there are only flags'],
    ['-strict=maybe', '1: invalid boolean value "maybe" for -strict: parse error'],
    ['mode=dpdk', '1: "mode=dpdk" is not a flag: begin the line with its dash'],
    ['--', '1: "--" is not a flag: begin the line with its dash'],
    ['- mode', '1: "- mode" is not a flag: begin the line with its dash'],
    ['---mode', '1: "---mode" is not a flag: begin the line with its dash'],
    ['-v=4', '1: -v is a flag of all plugins: give it on the command line'],
    ['-strict\n-prefix /x', '2: -prefix is a flag of all plugins: give it on the command line'],
    ['-h', '1: -h is a flag of all plugins: give it on the command line'],
  ])('says of %j which line is wrong, and what the plugin itself would say', (text, message) => {
    expect(() => parse(text)).toThrow(new DevicePluginError('FLAG_INVALID', `/etc/x.flags:${message}`));
  });

  it.each([
    ['-strict\n-mode=kernel\n-count=2', 2],
    ['-mode=kernel\n-count=2\n-strict', 3],
    ['-note=a\n-strict\n-mode=dpdk\n-mode=kernel\n-note=b', 4],
  ])('finds the last line to blame for flags of %j that do not go together', (text, line) => {
    const check = ({ strict, mode }: FlagValues<typeof flags>): void => {
      if (strict && mode === 'kernel') throw new DevicePluginError('FLAG_INVALID', 'not both');
    };
    expect(() => parse(text, check)).toThrow(new DevicePluginError('FLAG_INVALID', `/etc/x.flags:${line}: not both`));
  });

  it('names the file where no line is to blame', () => {
    const check = (): never => {
      throw new DevicePluginError('FLAG_INVALID', 'name a device');
    };
    expect(() => parse('-strict', check)).toThrow('/etc/x.flags: name a device');
    expect(() => parse('', check)).toThrow('/etc/x.flags: name a device');
  });

  it('reads what a command line of the same arguments says', () => {
    const value = fc.string({ unit: fc.constantFrom('a', '=', '-', '"', "'", '#', '\\', '$') });
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const text = values.map((one) => `-note=${one}`).join('\n');
        const expected = parseGoFlags(
          flags,
          values.map((one) => `-note=${one}`),
          {},
        );
        expect({ kind: 'values', values: parse(text), args: [] }).toEqual(expected);
      }),
    );
  });

  it('finds either values or a fault with its place in whatever it is given', () => {
    const line = fc.oneof(fc.string(), fc.constantFrom('-mode kernel', '-strict', '-device x', '#', '-count 1', '--'));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          expect(Object.keys(parse(lines.join('\n')))).toEqual(Object.keys(flags));
        } catch (error) {
          expect(error).toMatchObject({ code: 'FLAG_INVALID' });
          expect(String(error)).toMatch(/\/etc\/x\.flags:\d+: /);
        }
      }),
    );
  });
});
