// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { blue, red, Rig } from './rig.ts';
import { devices } from './scripted-plugin.ts';

const pod = {
  pod: 'p',
  initContainers: [{ name: 'init', limits: { [red]: 1 } }],
  containers: [{ name: 'app', limits: { [red]: 1 } }],
} as const;

const health = (value: string) => ({ app: [{ name: red, resources: [{ resourceID: 'a', health: value }] }] });

async function admitted(options: Parameters<typeof Rig.create>[0] = {}) {
  const rig = await Rig.create(options);
  const plugin = await rig.registered(['a']);
  await rig.kubelet.admit(pod);
  const updates = () => rig.eventTypes().filter((type) => type === 'podHealthChanged').length;
  const list = async (...ids: string[]): Promise<void> => {
    const lists = rig.eventTypes().filter((type) => type === 'listed').length;
    plugin.list(devices(...ids));
    await rig.kubelet.waitFor(() => rig.eventTypes().filter((type) => type === 'listed').length > lists);
  };
  return { rig, plugin, updates, list, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
}

describe('podHealth()', () => {
  it('follows the health of the devices, and leaves init containers out', async () => {
    await using world = await admitted();
    const { rig, list, updates } = world;
    expect(rig.kubelet.podHealth('p')).toEqual(health('Healthy'));
    await list('a!', 'b');
    expect(rig.kubelet.podHealth('p')).toEqual(health('Unhealthy'));
    expect(rig.events).toContainEqual({ type: 'podHealthChanged', pod: 'p' });
    expect(updates()).toBe(1);
    await list('a!', 'b!');
    expect(updates()).toBe(1);
    await list('a', 'b');
    expect(rig.kubelet.podHealth('p')).toEqual(health('Healthy'));
    expect(updates()).toBe(2);
  });

  it('takes a device that is not listed any more as healthy, and tells nobody', async () => {
    await using world = await admitted();
    const { rig, list, updates } = world;
    await list('a!');
    await list('b');
    expect(updates()).toBe(1);
    expect(rig.kubelet.podHealth('p')).toEqual(health('Healthy'));
    await list('a!', 'b');
    expect(updates()).toBe(2);
  });

  it('does not change when the plugin is lost', async () => {
    await using world = await admitted();
    const { rig, plugin, updates } = world;
    plugin.stop();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
    expect(rig.kubelet.podHealth('p')).toEqual(health('Healthy'));
    expect(updates()).toBe(0);
  });

  it('looks for the pod by the id alone', async () => {
    await using rig = await Rig.create();
    await rig.registered(['same']);
    const other = await rig.registered(['same'], { resource: blue, endpoint: 'blue.sock' });
    await rig.kubelet.admit({ pod: 'r', containers: [{ name: 'app', limits: { [red]: 1 } }] });
    other.list(devices('same!'));
    await rig.kubelet.waitFor({ resource: blue, allocatable: 0 });
    // The device of this pod is another one, which is as healthy as ever.
    expect(rig.events).toContainEqual({ type: 'podHealthChanged', pod: 'r' });
    expect(rig.kubelet.podHealth('r')).toMatchObject({ app: [{ resources: [{ health: 'Healthy' }] }] });
  });

  it('does not tell of a pod that is gone', async () => {
    await using world = await admitted();
    const { rig, list, updates } = world;
    rig.kubelet.deletePod('p');
    await list('a!');
    expect(updates()).toBe(0);
    expect(rig.kubelet.podHealth('p')).toEqual({});
  });

  it.each([
    [{ profile: '1.30', resourceHealthStatus: true }, false],
    [{ profile: '1.35' }, false],
    [{ profile: '1.35', resourceHealthStatus: true }, true],
    [{ profile: '1.36' }, true],
    [{ profile: '1.37', resourceHealthStatus: false }, false],
  ] as const)('is there or not with %j: %s', async (options, isThere) => {
    await using world = await admitted(options);
    const { rig, list, updates } = world;
    await list('a!');
    expect(rig.kubelet.podHealth('p')).toEqual(isThere ? health('Unhealthy') : {});
    expect(updates()).toBe(isThere ? 1 : 0);
  });
});
