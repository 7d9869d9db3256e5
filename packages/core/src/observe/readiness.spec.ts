// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { devices } from '../../test/devices.ts';
import { readiness } from './readiness.ts';
import type { ResourceState, ScanState } from './telemetry.ts';

const well: ResourceState = { devices: devices('a', 'b'), registered: true, streamOpen: true, problem: undefined };
const fresh: ScanState = { finishedAtMs: 100_000, error: undefined };

function check(state: Partial<ResourceState> | undefined, lastScan: ScanState | undefined = fresh, nowMs = 101_000) {
  const resources = new Map<string, ResourceState>(state && [['example.com/card', { ...well, ...state }]]);
  return readiness({ resources, lastScan }, 5_000, nowMs);
}

describe('readiness()', () => {
  it('is given when the scan is fresh and the kubelet listens to every resource', () => {
    expect(check({})).toEqual({ ready: true, lines: ['ok scan', 'ok example.com/card (2 devices)'] });
  });

  it('is given on a node without devices', () => {
    expect(check(undefined)).toEqual({ ready: true, lines: ['ok scan'] });
  });

  it.each<[Partial<ResourceState>, string]>([
    [{ registered: false }, 'not registered with the kubelet yet'],
    [{ registered: false, awaited: 'nobody has asked for it' }, 'nobody has asked for it'],
    [{ streamOpen: false }, 'registered, but the kubelet has not opened its stream'],
    [{ registered: false, problem: 'waiting for the kubelet: no socket' }, 'waiting for the kubelet: no socket'],
  ])('is missing when a resource is %j', (state, reason) => {
    expect(check(state)).toEqual({
      ready: false,
      lines: ['ok scan', `not ready example.com/card (2 devices): ${reason}`],
    });
  });

  it.each<[string, ScanState | undefined, number, string]>([
    ['there was none', undefined, 0, 'the first scan has not ended yet'],
    [
      'it failed',
      { finishedAtMs: 0, error: new Error('EIO') },
      1_000,
      'the last scan failed, the list before it stays published: EIO',
    ],
    ['it is old', fresh, 116_000, 'the last scan ended 16 s ago, but they are 5 s apart'],
  ])('is missing when of the last scan %s', (_what, lastScan, nowMs, reason) => {
    expect(readiness({ resources: new Map(), lastScan }, 5_000, nowMs)).toEqual({
      ready: false,
      lines: [`not ready scan: ${reason}`],
    });
  });

  it('names the plugin where there are several, and is missing while it does not run', () => {
    const of = { plugin: 'gpu-plugin', resources: new Map(), lastScan: fresh };
    expect(readiness(of, 5_000, 101_000)).toEqual({ ready: true, lines: ['ok gpu-plugin scan'] });
    expect(readiness({ ...of, outage: 'given up: wrong flags' }, 5_000, 101_000)).toEqual({
      ready: false,
      lines: ['not ready gpu-plugin plugin: given up: wrong flags'],
    });
  });

  it('bears with a scan that is late by two periods', () => {
    expect(check({}, fresh, 115_000).ready).toBe(true);
  });
});
