// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { inspectText } from './inspect-text.ts';
import type { DeviceReport, PluginReport } from './plugin-report.ts';

const report: PluginReport = { plugin: 'color-plugin', outcome: 'scanned', resources: [], remarks: [], lookedAt: [] };

const device: DeviceReport = {
  id: 'a',
  health: 'Unhealthy',
  reason: 'it is too hot',
  numaNodes: [0, 1],
  nodes: [{ hostPath: '/dev/a', containerPath: '/dev/b', permissions: 'rw' }],
  mounts: [
    { hostPath: '/etc/a', containerPath: '/etc/b', readOnly: true },
    { hostPath: '/etc/c', containerPath: '/etc/d', readOnly: false },
  ],
  envs: { COLOR: 'red', SHADE: 'dark' },
  annotations: { 'example.com/color': 'red' },
  cdiDevices: ['example.com/color=a'],
};

function text(change: Partial<PluginReport>, isWide = false): string {
  return inspectText([{ ...report, ...change }], { isWide, width: undefined });
}

describe('inspectText()', () => {
  it('has a line for each device, with what it has, as the container sees it', () => {
    const resources = [
      { resource: 'example.com/red', devices: [device] },
      { resource: 'example.com/blue', devices: [] },
    ];
    expect(text({ resources }).replaceAll(/ +/g, ' ')).toBe(
      [
        'RESOURCE ID HEALTH REASON NUMA NODES MOUNTS CDI ENVIRONMENT ANNOTATIONS',
        'example.com/red a Unhealthy it is too hot 0,1 /dev/b /etc/b,/etc/d example.com/color=a COLOR=red,SHADE=dark example.com/color=red',
        'example.com/blue (none)',
        '',
      ].join('\n'),
    );
    expect(text({ resources }, true)).toMatch(/ \/dev\/a:\/dev\/b:rw {2}\/etc\/a:\/etc\/b:ro,\/etc\/c:\/etc\/d:rw /);
  });

  it('names twelve of the places that it looked at, and how many more there are', () => {
    const lookedAt = Array.from({ length: 14 }, (_, index) => ({ path: `/sys/${index}`, entries: index + 1 }));
    const lines = text({ lookedAt: [{ path: '/sys/none' }, ...lookedAt] }).split('\n');
    expect(lines.slice(0, 4)).toEqual([
      'color-plugin found no devices in',
      '  /sys/none: not there',
      '  /sys/0: 1 entry',
      '  /sys/1: 2 entries',
    ]);
    expect(lines[13]).toBe('  and 3 more, which -o json names');
  });

  it('says why a plugin failed or refused, in one line', () => {
    expect(text({ outcome: 'failed', problem: 'no\nbus\u001b[2J' })).toBe(
      'color-plugin: the scan failed: no bus [2J\n',
    );
    expect(text({ outcome: 'refused', problem: 'no' })).toBe('color-plugin does not run with these flags: no\n');
    expect(text({})).toMatch(/^color-plugin found no devices\n {2}There may be no such hardware/);
  });
});
