// SPDX-License-Identifier: Apache-2.0
import type { AllocateResponse, ContainerAllocateResponse } from '@kube-device-plugins/core';
import { describe, expect, it } from 'vitest';
import { numberVariables, qatDeviceTree } from './device-tree.ts';
import type { QatDevice } from './sysfs.ts';

const vf: QatDevice = {
  bdf: '0000:6b:00.1',
  services: 'sym;asym',
  pf: '0000:6b:00.0',
  isAlive: true,
  nodes: ['/dev/vfio/5'],
  mounts: ['/sys/x'],
};
const spec = { containerPath: '/dev/vfio/5', hostPath: '/dev/vfio/5', permissions: 'rw' };
const container = (envs: Record<string, string>): ContainerAllocateResponse => ({
  envs,
  mounts: [],
  devices: [],
  annotations: {},
  cdiDevices: [],
});

describe('qatDeviceTree()', () => {
  it('publishes a VF under the resource of its services', () => {
    const topology = { nodes: [{ ID: 1 }] };
    expect(qatDeviceTree([{ ...vf, topology }]).resources).toEqual(
      new Map([
        [
          'cy',
          new Map([
            [
              vf.bdf,
              {
                health: 'Healthy',
                nodes: [spec],
                mounts: [{ containerPath: '/sys/x', hostPath: '/sys/x', readOnly: false }],
                envs: { 'QAT0000:6b:00.1': '0000:6b:00.1' },
                topology,
              },
            ],
          ]),
        ],
      ]),
    );
  });

  it.each([
    [{ problem: 'it has no IOMMU group', isAlive: false }, 'it has no IOMMU group'],
    [{ isAlive: false }, 'the firmware of its physical function 0000:6b:00.0 does not answer'],
  ])('is unhealthy with %j', (change, healthReason) => {
    const info = qatDeviceTree([{ ...vf, ...change }])
      .resources.get('cy')
      ?.get(vf.bdf);
    expect(info).toMatchObject({ health: 'Unhealthy', healthReason });
  });

  it('gives one device the same, whatever the others are', () => {
    const other = { ...vf, bdf: '0000:6b:00.0' };
    expect(qatDeviceTree([other, vf]).resources.get('cy')?.get(vf.bdf)).toEqual(
      qatDeviceTree([vf]).resources.get('cy')?.get(vf.bdf),
    );
  });
});

describe('numberVariables()', () => {
  it('A-Q37 numbers variables from 0 and keeps their values', () => {
    const values = ['0000:03:00.4', '0000:04:00.1', '0000:05:00.3', '0000:05:00.4'];
    const keys = ['QAT29', 'QAT13', 'QAT6', 'QAT21'];
    const response: AllocateResponse = {
      containerResponses: [container(Object.fromEntries(keys.map((key, index) => [key, values[index] ?? ''])))],
    };
    numberVariables(response);
    expect(Object.entries(response.containerResponses[0]?.envs ?? {})).toEqual(
      values.map((value, index) => [`QAT${index}`, value]),
    );
  });

  it('numbers those of each container by themselves', () => {
    const response = { containerResponses: [container({ a: '1', b: '2' }), container({ c: '3' }), container({})] };
    numberVariables(response);
    expect(response.containerResponses.map(({ envs }) => envs)).toEqual([{ QAT0: '1', QAT1: '2' }, { QAT0: '3' }, {}]);
  });
});
