// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { containerResponse } from '../test/scripted-plugin.ts';
import { mergeResponses } from './response-merge.ts';

describe('mergeResponses()', () => {
  it('gives nothing for nothing', () => {
    expect(mergeResponses([])).toEqual({ envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [] });
  });

  it('keeps the first where two say something about the same thing', () => {
    const mount = { containerPath: '/m', hostPath: '/first', readOnly: true };
    const device = { containerPath: '/dev/d', hostPath: '/dev/first', permissions: 'r' };
    const first = containerResponse({
      envs: { A: 'first' },
      mounts: [mount],
      devices: [device],
      annotations: { a: 'first' },
      cdiDevices: [{ name: 'v/c=1' }],
    });
    const second = containerResponse({
      envs: { A: 'second', B: 'second' },
      mounts: [{ ...mount, hostPath: '/second' }],
      devices: [
        { ...device, hostPath: '/dev/second' },
        { ...device, containerPath: '/dev/e' },
      ],
      annotations: { a: 'second', b: 'second' },
      cdiDevices: [{ name: 'v/c=1' }, { name: 'v/c=2' }],
    });
    expect(mergeResponses([first, second])).toEqual({
      envs: { A: 'first', B: 'second' },
      mounts: [mount],
      devices: [device, { ...device, containerPath: '/dev/e' }],
      annotations: { a: 'first', b: 'second' },
      cdiDevices: ['v/c=1', 'v/c=2'],
    });
  });
});
