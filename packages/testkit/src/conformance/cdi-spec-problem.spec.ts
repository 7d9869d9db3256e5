// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { cdiSpecProblem } from './cdi-spec-problem.ts';

const good = { cdiVersion: '0.5.0', kind: 'example.com/gpu', devices: [{ name: 'card0', containerEdits: {} }] };

describe('cdiSpecProblem()', () => {
  it.each([
    ['finds nothing wrong with the spec of the device', good, undefined],
    ['misses a version', { ...good, cdiVersion: undefined }, 'cdiVersion is undefined'],
    ['tells another version from a version', { ...good, cdiVersion: '0.5' }, 'cdiVersion is "0.5"'],
    ['tells another kind', { ...good, kind: 'example.com/nic' }, 'a spec is of kind example.com/nic'],
    ['misses the device', { ...good, devices: [] }, 'a spec of its kind does not have the device'],
    ['misses all devices', { ...good, devices: undefined }, 'a spec of its kind does not have the device'],
    ['misses what it does', { ...good, devices: [{ name: 'card0' }] }, 'its spec has no containerEdits'],
  ])('%s', (_, spec, problem) => {
    expect(cdiSpecProblem(JSON.stringify(spec), 'example.com/gpu=card0')).toBe(problem);
  });

  it('looks for the words in YAML', () => {
    const yaml = 'cdiVersion: 0.5.0\nkind: example.com/gpu\ndevices:\n- name: card0\n';
    expect(cdiSpecProblem(yaml, 'example.com/gpu=card0')).toBeUndefined();
    expect(cdiSpecProblem(yaml, 'example.com/gpu=card1')).toBe('a spec does not name it');
    expect(cdiSpecProblem(yaml, 'example.com/nic=card0')).toBe('a spec does not name it');
  });

  it('takes a name that is none', () => {
    expect(cdiSpecProblem(JSON.stringify(good), '')).toBe('a spec is of kind example.com/gpu');
  });
});
