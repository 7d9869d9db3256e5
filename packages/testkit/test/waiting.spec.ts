// SPDX-License-Identifier: Apache-2.0
import { WaitTimeoutError } from '../src/index.ts';
import { describe, expect, it } from 'vitest';
import { blue, red, Rig } from './rig.ts';
import { devices } from './scripted-plugin.ts';

describe('waitFor()', () => {
  it('resolves at once when it is so already', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    expect(await rig.kubelet.waitFor({ resource: red, devices: ['a'] }, { timeoutMs: 0 })).toMatchObject({
      capacity: 1,
    });
    await rig.kubelet.waitFor((kubelet) => kubelet.registrations(red) === 1, { timeoutMs: 0 });
  });

  it('resolves with the event that makes it so', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a']);
    const waiting = rig.kubelet.waitFor({ resource: red, devices: { a: 'Unhealthy' } });
    plugin.list(devices('a!'));
    expect(await waiting).toMatchObject({ allocatable: 0 });
  });

  it('shows what was there instead', async () => {
    await using rig = await Rig.create();
    const waiting = rig.kubelet.waitFor({ resource: blue }, { timeoutMs: 5 });
    await expect(waiting).rejects.toThrow(
      new WaitTimeoutError('expected {"resource":"color.example.com/blue"}, found no resources (waited 5 ms)'),
    );
    await rig.registered(['a']);
    await expect(rig.kubelet.waitFor((kubelet) => kubelet.calls.length === 0, { timeoutMs: 5 })).rejects.toThrow(
      'found color.example.com/red: connected, devices {"a":"Healthy"}, capacity 1, allocatable 1, registrations 1',
    );
  });
});

describe('subscribe()', () => {
  it('tells everything in its order', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a']);
    await rig.kubelet.admit({ pod: 'p', containers: [{ name: 'app', limits: { [red]: 1 } }] });
    await rig.kubelet.startContainer('p', 'app');
    rig.kubelet.deletePod('p');
    plugin.stop();
    await rig.kubelet.waitFor(() => rig.eventTypes().includes('streamEnded'));
    expect(rig.eventTypes()).toEqual([
      'started',
      'registered',
      'listed',
      'allocated',
      'containerStarted',
      'podDeleted',
      'streamEnded',
    ]);
    expect(rig.events[3]).toEqual({ type: 'allocated', pod: 'p', container: 'app', resource: red, ids: ['a'] });
  });
});
