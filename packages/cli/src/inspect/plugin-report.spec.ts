// SPDX-License-Identifier: Apache-2.0
import type { DeviceInfo } from '@kube-device-plugins/core';
import { describe, expect, it } from 'vitest';
import { reportFindings } from './plugin-report.ts';

const healthy: DeviceInfo = { health: 'Healthy', healthReason: 'of no meaning', nodes: [] };

function report(devices: Readonly<Record<string, DeviceInfo>>) {
  const findings = {
    resources: new Map([['example.com/red', new Map(Object.entries(devices))]]),
    leftOut: new Map([['example.com/red', new Map([['', 'its id is empty']])]]),
    remarks: [{ message: 'is left out', subject: 'c', reason: 'cannot read /host/sys/c', level: 'detail' as const }],
  };
  return reportFindings('color-plugin', findings, (text) => text.replaceAll('/host/', '/'));
}

describe('reportFindings()', () => {
  it('has each device by its id, with all fields, and paths as the host names them', () => {
    const node = { hostPath: '/host/dev/a', containerPath: '/host/dev/a', permissions: 'rw' };
    const unhealthy: DeviceInfo = {
      health: 'Unhealthy',
      healthReason: 'there is no /host/dev/b',
      nodes: [node],
      topology: { nodes: [{ ID: 1 }] },
      cdiDevices: [{ kind: 'example.com/color', name: 'b', containerEdits: {} }],
    };
    const none = { mounts: [], envs: {}, annotations: {} };
    expect(report({ b: unhealthy, a: healthy }).resources).toEqual([
      {
        resource: 'example.com/red',
        devices: [
          { id: 'a', health: 'Healthy', numaNodes: [], nodes: [], cdiDevices: [], ...none },
          {
            id: 'b',
            health: 'Unhealthy',
            reason: 'there is no /dev/b',
            numaNodes: [1],
            nodes: [{ hostPath: '/dev/a', containerPath: '/dev/a', permissions: 'rw' }],
            cdiDevices: ['example.com/color=b'],
            ...none,
          },
        ],
      },
    ]);
  });

  it('tells of devices that the core leaves out and of what the plugin remarks on', () => {
    expect(report({}).remarks).toEqual([
      { subject: 'example.com/red ', message: 'device is left out', reason: 'its id is empty' },
      { subject: 'c', message: 'is left out', reason: 'cannot read /sys/c' },
    ]);
  });
});
