// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { DevicePluginError } from '@kube-device-plugins/core';
import { describe, expect, it } from 'vitest';
import { hooksOfFlags, wordsOf } from './hook-flags.ts';

describe('hooksOfFlags()', () => {
  it('makes a hook of each', () => {
    expect(Object.keys(hooksOfFlags(['fail=rm {id}', 'add=touch {prefix}/{id}']))).toEqual(['add', 'fail']);
    expect(hooksOfFlags([])).toEqual({});
  });

  it.each([
    ['fail', '--hook fail: write name=command, with a name of prepare, populate'],
    ['=rm', '--hook =rm: write name=command'],
    ['fail=', '--hook.fail has to be a list of at least one text'],
    ['unplug=rm', '--hook.unplug is none of prepare'],
    ['fail=rm {ids}', '--hook.fail: {ids} is no placeholder'],
    ["fail=sh -c 'rm", "--hook: a ' in sh -c 'rm is not closed"],
  ])('refuses %j', (flag, message) => {
    expect(() => hooksOfFlags([flag])).toThrow(message);
  });
});

describe('wordsOf()', () => {
  it.each([
    ['rm  {id} ', ['rm', '{id}']],
    [`sh -c 'rm "$1" && true' x ""`, ['sh', '-c', 'rm "$1" && true', 'x', '']],
    [`a'b c'd "e'f"`, ['ab cd', "e'f"]],
    ['', []],
  ])('parts %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('gives back whatever was quoted', () => {
    const word = fc.string().map((text) => text.replaceAll("'", ''));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(wordsOf(words.map((text) => `'${text}'`).join(' '))).toEqual(words);
      }),
    );
  });

  it('throws nothing but errors of its own', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          wordsOf(text);
        } catch (error) {
          expect(error).toBeInstanceOf(DevicePluginError);
        }
      }),
    );
  });
});
