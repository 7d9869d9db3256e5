// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { device, devices as devicesOf } from '../../test/devices.ts';
import type { CdiDevice } from '../cdi/spec.ts';
import type { DeviceInfo, Devices } from '../device-tree.ts';
import { DevicePluginError } from '../errors.ts';
import type { AllocateResponse, ContainerAllocateResponse } from '../kubelet-api/deviceplugin.ts';
import { cdiDevicesOf, defaultAllocate } from './default-allocate.ts';

const fme: CdiDevice = { kind: 'intel.com/fpga', name: 'fme0', containerEdits: { env: ['A=1'] } };
const rich: DeviceInfo = {
  health: 'Healthy',
  nodes: [
    { hostPath: '/dev/dri/card0', containerPath: '/dev/dri/card0', permissions: 'rw' },
    { hostPath: '/dev/vfio/vfio', containerPath: '/dev/vfio/vfio', permissions: 'rw' },
  ],
  mounts: [{ hostPath: '/sys/a', containerPath: '/sys/a', readOnly: true }],
  envs: { CARD: '0', SHARED: 'one' },
  annotations: { 'example.com/card': '0' },
  cdiDevices: [fme],
};
const other: DeviceInfo = {
  health: 'Healthy',
  nodes: [
    { hostPath: '/dev/vfio/vfio', containerPath: '/dev/vfio/vfio', permissions: 'mrw' },
    { hostPath: '/dev/dri/card1', containerPath: '/dev/dri/card1', permissions: 'rw' },
  ],
  envs: { SHARED: 'two' },
  cdiDevices: [fme],
};
const empty: ContainerAllocateResponse = { envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [] };

function allocate(devices: Devices, ...containers: readonly string[][]): AllocateResponse {
  return defaultAllocate('example.com/card', devices, {
    containerRequests: containers.map((devicesIds) => ({ devicesIds })),
  });
}

describe('defaultAllocate()', () => {
  const cards = new Map([
    ['card0', rich],
    ['card1', other],
    ['card2', { ...other, health: 'Unhealthy' as const }],
    ['card3', { ...other, health: 'Unhealthy' as const, healthReason: 'no link' }],
  ]);

  it.each<[string, string[][], ContainerAllocateResponse[]]>([
    ['no containers', [], []],
    ['a container without ids', [[]], [empty]],
    [
      'one device',
      [['card0']],
      [
        {
          envs: { CARD: '0', SHARED: 'one' },
          mounts: [{ hostPath: '/sys/a', containerPath: '/sys/a', readOnly: true }],
          devices: [...rich.nodes],
          annotations: { 'example.com/card': '0' },
          cdiDevices: [{ name: 'intel.com/fpga=fme0' }],
        },
      ],
    ],
    [
      'two devices that share a node, a variable and a CDI device',
      [['card0', 'card1']],
      [
        {
          envs: { CARD: '0', SHARED: 'two' },
          mounts: [{ hostPath: '/sys/a', containerPath: '/sys/a', readOnly: true }],
          devices: [...rich.nodes, { hostPath: '/dev/dri/card1', containerPath: '/dev/dri/card1', permissions: 'rw' }],
          annotations: { 'example.com/card': '0' },
          cdiDevices: [{ name: 'intel.com/fpga=fme0' }],
        },
      ],
    ],
  ])('answers %s', (_what, containers, responses) => {
    expect(allocate(cards, ...containers)).toEqual({ containerResponses: responses });
  });

  it('answers each container by itself, in the order of the requests', () => {
    const { containerResponses } = allocate(cards, ['card1'], [], ['card0']);
    expect(containerResponses.map((response) => response.devices.length)).toEqual([2, 0, 2]);
    expect(containerResponses[0]).toEqual(allocate(cards, ['card1']).containerResponses[0]);
    expect(containerResponses[2]).toEqual(allocate(cards, ['card0']).containerResponses[0]);
  });

  it('takes an id twice: in one request, in another container and at another time', () => {
    const once = allocate(cards, ['card0']);
    expect(allocate(cards, ['card0', 'card0'])).toEqual(once);
    expect(allocate(cards, ['card0'], ['card0']).containerResponses).toEqual([
      ...once.containerResponses,
      ...once.containerResponses,
    ]);
    expect(allocate(cards, ['card0'])).toEqual(once);
  });

  it.each([
    [['nope'], 'DEVICE_UNKNOWN', 'example.com/card has no device "nope"'],
    [['card0', 'constructor'], 'DEVICE_UNKNOWN', '"constructor"'],
    [['card0', ''], 'DEVICE_UNKNOWN', '""'],
    [['card0', 'card2'], 'DEVICE_UNHEALTHY', 'device "card2" of example.com/card is unhealthy'],
    [['card3'], 'DEVICE_UNHEALTHY', 'device "card3" of example.com/card is unhealthy: no link'],
  ])('refuses %j: %s, naming the id', (ids, code, text) => {
    const error = errorOf(() => allocate(cards, ids));
    expect(error).toBeInstanceOf(DevicePluginError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(text) as string });
  });

  it('hands out copies, so that postAllocate may edit them', () => {
    const [response] = allocate(cards, ['card0']).containerResponses;
    for (const node of response?.devices ?? []) node.permissions = 'edited';
    for (const mount of response?.mounts ?? []) mount.hostPath = 'edited';
    Object.assign(response?.envs ?? {}, { CARD: 'edited' });
    expect(rich.nodes[0]?.permissions).toBe('rw');
    expect(rich.mounts?.[0]?.hostPath).toBe('/sys/a');
    expect(rich.envs).toEqual({ CARD: '0', SHARED: 'one' });
  });

  describe('of any devices', () => {
    const path = fc.integer({ min: 0, max: 5 }).map((n) => `/dev/${n}`);
    const values = fc.dictionary(fc.constantFrom('A', 'B', 'C'), fc.constantFrom('1', '2'));
    const anyDevice: fc.Arbitrary<DeviceInfo> = fc.record({
      health: fc.constant('Healthy' as const),
      nodes: fc.array(fc.record({ hostPath: path, containerPath: path, permissions: fc.constantFrom('r', 'rw') })),
      mounts: fc.array(fc.record({ hostPath: path, containerPath: path, readOnly: fc.boolean() })),
      envs: values,
      annotations: values,
      cdiDevices: fc.array(fc.constantFrom('a', 'b').map((name) => ({ ...fme, name }))),
    });
    const inventory = fc
      .array(anyDevice, { minLength: 1, maxLength: 8 })
      .map((infos): Devices => new Map(infos.map((info, i) => [`d${i}`, info])));
    const withIds = inventory.chain((devices) =>
      fc.tuple(fc.constant(devices), fc.array(fc.constantFrom(...devices.keys()))),
    );

    it('gives the same whatever the order of the ids: kubelets have none', () => {
      const shuffled = withIds.chain(([devices, ids]) =>
        fc.tuple(fc.constant(devices), fc.constant(ids), fc.shuffledSubarray(ids, { minLength: ids.length })),
      );
      fc.assert(
        fc.property(shuffled, ([devices, ids, permuted]) => {
          expect(allocate(devices, permuted)).toEqual(allocate(devices, ids));
        }),
      );
    });

    it('names no container path, CDI device, variable or annotation twice, and leaves none out', () => {
      fc.assert(
        fc.property(withIds, ([devices, ids]) => {
          const [response = empty] = allocate(devices, ids).containerResponses;
          const infos = [...new Set(ids)].flatMap((id) => devices.get(id) ?? []);
          const nodePaths = response.devices.map(({ containerPath }) => containerPath);
          expect(nodePaths.toSorted()).toEqual(
            unique(infos.flatMap(({ nodes }) => nodes.map(({ containerPath }) => containerPath))),
          );
          const mountPaths = response.mounts.map(({ containerPath }) => containerPath);
          expect(mountPaths.toSorted()).toEqual(
            unique(infos.flatMap(({ mounts = [] }) => mounts.map(({ containerPath }) => containerPath))),
          );
          expect(Object.keys(response.envs).toSorted()).toEqual(
            unique(infos.flatMap(({ envs = {} }) => Object.keys(envs))),
          );
          expect(Object.keys(response.annotations).toSorted()).toEqual(
            unique(infos.flatMap(({ annotations = {} }) => Object.keys(annotations))),
          );
          const cdiNames = infos.flatMap(({ cdiDevices = [] }) =>
            cdiDevices.map(({ name }) => `intel.com/fpga=${name}`),
          );
          expect(response.cdiDevices.map(({ name }) => name).toSorted()).toEqual(unique(cdiNames));
        }),
      );
    });

    it('answers as many containers as were asked for', () => {
      fc.assert(
        fc.property(inventory, fc.array(fc.array(fc.nat(7))), (devices, containers) => {
          const ids = containers.map((numbers) => numbers.map((n) => `d${n % devices.size}`));
          expect(allocate(devices, ...ids).containerResponses).toEqual(
            ids.flatMap((own) => allocate(devices, own).containerResponses),
          );
        }),
      );
    });

    it('refuses a request with any id that is not known', () => {
      fc.assert(
        fc.property(withIds, fc.string(), ([devices, ids], foreign) => {
          fc.pre(!devices.has(foreign));
          expect(errorOf(() => allocate(devices, [...ids, foreign]))).toMatchObject({
            code: 'DEVICE_UNKNOWN',
            message: expect.stringContaining(JSON.stringify(foreign)) as string,
          });
        }),
      );
    });
  });
});

describe('cdiDevicesOf()', () => {
  it('names the CDI devices behind the ids and passes over those that are not known', () => {
    const devices: Devices = new Map([...devicesOf('plain'), ['card0', rich]]);
    const request = { containerRequests: [{ devicesIds: ['plain', 'nope'] }, { devicesIds: ['card0'] }] };
    expect(cdiDevicesOf(devices, request)).toEqual([fme]);
    expect(device('plain').cdiDevices).toBeUndefined();
  });
});

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].toSorted();
}

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
