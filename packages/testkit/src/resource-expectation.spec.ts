// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { describeResource, meets } from './resource-expectation.ts';
import type { ResourceView } from './resource-view.ts';

const resource = 'color.example.com/red';
const view: ResourceView = {
  resource,
  state: 'connected',
  isReported: true,
  capacity: 2,
  allocatable: 1,
  devices: [
    { id: 'a', health: 'Healthy', numaNodes: [], holder: undefined },
    { id: 'b', health: 'Unhealthy', numaNodes: [], holder: undefined },
  ],
  endpoint: 'p.sock',
  socketPath: '/plugins/p.sock',
  options: undefined,
  registrations: 2,
};

describe('meets()', () => {
  it.each([
    {},
    { devices: 2 },
    { devices: ['b', 'a'] },
    { devices: { a: 'Healthy', b: 'Unhealthy' } as const },
    { state: 'connected' as const, capacity: 2, allocatable: 1 },
    { registrations: 1 },
    { registrations: 2 },
  ])('holds for %j', (expectation) => {
    expect(meets(view, { resource, ...expectation })).toBe(true);
  });

  it.each([
    { devices: 1 },
    { devices: ['a'] },
    { devices: ['a', 'c'] },
    { devices: ['a', 'b', 'c'] },
    { devices: { a: 'Healthy', b: 'Healthy' } as const },
    { state: 'disconnected' as const },
    { capacity: 1 },
    { allocatable: 2 },
    { registrations: 3 },
  ])('does not hold for %j', (expectation) => {
    expect(meets(view, { resource, ...expectation })).toBe(false);
  });

  it('never holds for a resource that has not registered', () => {
    expect(meets(undefined, { resource })).toBe(false);
  });

  it.each([{ devices: 0 }, { capacity: 0 }, { allocatable: 0 }])(
    'does not take nothing listed for %j',
    (expectation) => {
      const silent = { ...view, isReported: false, capacity: 0, allocatable: 0, devices: [] };
      expect(meets(silent, { resource, ...expectation })).toBe(false);
      expect(meets({ ...silent, isReported: true }, { resource, ...expectation })).toBe(true);
    },
  );
});

describe('describeResource()', () => {
  it('shows all that can be waited for', () => {
    expect(describeResource(view)).toBe(
      'color.example.com/red: connected, devices {"a":"Healthy","b":"Unhealthy"}, capacity 2, allocatable 1, registrations 2',
    );
  });
});
