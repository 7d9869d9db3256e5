// SPDX-License-Identifier: Apache-2.0
import type { ResourceView } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import type { Slot } from './subject.ts';
import { differences, Truth } from './truth.ts';

const resource = 'example.com/red';
const slots: Slot[] = ['a', 'b'].map((id) => ({ resource, id, states: ['well', 'sick', 'gone'] }));

function view(devices: Record<string, 'Healthy' | 'Unhealthy'>, state: ResourceView['state'] = 'connected') {
  const shown = Object.entries(devices).map(([id, health]) => ({ id, health, numaNodes: [], holder: undefined }));
  return new Map([[resource, { resource, state, devices: shown } as unknown as ResourceView]]);
}

describe('differences()', () => {
  it('finds none where the kubelet shows what there is', () => {
    const truth = new Truth(slots);
    expect(differences(truth, view({ a: 'Healthy', b: 'Healthy' }))).toEqual([]);
    truth.set(0, 'sick', 1);
    truth.set(1, 'gone', 1);
    expect(differences(truth, view({ a: 'Unhealthy' }))).toEqual([]);
  });

  it('names what is missing, too much, of another health or not connected', () => {
    const truth = new Truth(slots);
    truth.set(1, 'gone', 1);
    expect(differences(truth, view({ b: 'Healthy', c: 'Healthy' }, 'disconnected'))).toEqual([
      'example.com/red is disconnected',
      'example.com/red a is absent, not Healthy',
      'example.com/red b is Healthy, not absent',
      'example.com/red c is Healthy, not absent',
    ]);
    expect(differences(truth, new Map())[0]).toBe('example.com/red is not registered');
  });
});

describe('Truth', () => {
  it('counts from when the plugin could know', () => {
    const truth = new Truth(slots);
    expect(truth.badForMs(resource, 'a', 100)).toBe(0);
    truth.set(0, 'sick', 100);
    truth.set(0, 'sick', 150);
    expect(truth.badForMs(resource, 'a', 400)).toBe(300);
    truth.veil();
    truth.veil();
    truth.unveil(500);
    expect(truth.badForMs(resource, 'a', 600)).toBe(0);
    truth.unveil(700);
    expect(truth.badForMs(resource, 'a', 750)).toBe(50);
    expect(truth.bad().map(({ id }) => id)).toEqual(['a']);
  });

  it('takes a device that nobody knows for one that was never there', () => {
    expect(new Truth(slots).badForMs(resource, 'z', 40)).toBe(40);
  });
});
