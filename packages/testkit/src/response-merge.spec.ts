// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { containerResponse } from '../test/scripted-plugin.ts';
import { mergeResponses } from './response-merge.ts';

const mount = { containerPath: '/m', hostPath: '/first', readOnly: true };
const device = { containerPath: '/dev/d', hostPath: '/dev/first', permissions: 'r' };
const first = containerResponse({
  envs: { A: 'first', SAME: '1' },
  mounts: [mount],
  devices: [device],
  annotations: { a: 'first' },
  cdiDevices: [{ name: 'v/c=1' }],
});
const second = containerResponse({
  envs: { A: 'second', B: 'second', SAME: '1' },
  mounts: [{ ...mount, hostPath: '/second' }],
  devices: [
    { ...device, hostPath: '/dev/second' },
    { ...device, containerPath: '/dev/e' },
  ],
  annotations: { a: 'second', b: 'second' },
  cdiDevices: [{ name: 'v/c=1' }, { name: 'v/c=2' }],
});
const responses = [
  { resource: 'a.b/1', response: first },
  { resource: 'a.b/2', response: second },
];

describe('mergeResponses()', () => {
  it('gives nothing for nothing', () => {
    expect(mergeResponses([])).toEqual({
      envs: {},
      mounts: [],
      devices: [],
      annotations: {},
      cdiDevices: [],
      conflicts: [],
    });
  });

  it('keeps the first where two say something about the same thing', () => {
    expect(mergeResponses(responses)).toMatchObject({
      envs: { A: 'first', B: 'second', SAME: '1' },
      mounts: [mount],
      devices: [device, { ...device, containerPath: '/dev/e' }],
      annotations: { a: 'first', b: 'second' },
      cdiDevices: ['v/c=1', 'v/c=2'],
    });
  });

  it('records who contradicts whom, and nothing where both say the same', () => {
    const sides = { kept: 'a.b/1', dropped: 'a.b/2' };
    expect(mergeResponses(responses).conflicts).toEqual([
      { kind: 'env', key: 'A', ...sides },
      { kind: 'mount', key: '/m', ...sides },
      { kind: 'device', key: '/dev/d', ...sides },
      { kind: 'annotation', key: 'a', ...sides },
    ]);
    expect(mergeResponses([responses[0], responses[0]].flatMap((it) => it ?? [])).conflicts).toEqual([]);
  });
});
