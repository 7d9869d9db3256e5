// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { Pods } from './pods.ts';
import { SeededRandom } from './seeded-random.ts';

const spec = { pod: 'p', containers: [] };

describe('Pods', () => {
  it('is one pod as long as it neither fails nor is deleted', () => {
    const pods = new Pods();
    expect(pods.admitted(spec).uid).toBe('p');
    const again = pods.admitted(spec);
    expect(again.uid).toBe('p');
    pods.failed(again);
    expect(pods.activeUids()).toEqual(new Set());
    expect(pods.nameOf('p')).toBeUndefined();
    expect(pods.admitted(spec).uid).toBe('p-2');
    pods.deleted('p');
    expect(pods.find('p')).toBeUndefined();
    expect(pods.admitted({ ...spec, uid: 'given' }).uid).toBe('given');
    expect(pods.activeUids()).toEqual(new Set(['given']));
  });

  it('knows which containers ran when the kubelet started', () => {
    const [pods, random] = [new Pods(), new SeededRandom(1)];
    pods.containerStarted('p', 'early');
    pods.kubeletStarted();
    pods.containerStarted('p', 'late');
    expect(pods.ranAtStart('p', 'early', false, random)).toBe(true);
    expect(pods.ranAtStart('p', 'late', true, random)).toBe(false);
  });

  it('may find an instance that does not run any more', () => {
    const [pods, random] = [new Pods(), new SeededRandom(1)];
    for (let starts = 0; starts < 3; starts += 1) pods.containerStarted('p', 'app');
    pods.kubeletStarted();
    const found = (findsAny: boolean) =>
      new Set(Array.from({ length: 50 }, () => pods.ranAtStart('p', 'app', findsAny, random)));
    expect(found(true)).toEqual(new Set([true]));
    expect(found(false)).toEqual(new Set([true, false]));
  });
});
