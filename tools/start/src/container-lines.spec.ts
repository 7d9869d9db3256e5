// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { containerLines, type ContainerResources } from './container-lines.ts';

const nothing: ContainerResources = { devices: [], envs: {}, mounts: [], annotations: {}, cdiDevices: [] };

describe('containerLines()', () => {
  it('says plainly that there is nothing', () => {
    expect(containerLines(nothing)).toEqual(['  device nodes  none', '  environment   none', '  mounts        none']);
  });

  it('lists everything that there is', () => {
    const container: ContainerResources = {
      devices: [
        { hostPath: '/dev/fuse', containerPath: '/dev/fuse', permissions: 'rw' },
        { hostPath: '/dev/loop7', containerPath: '/dev/disk', permissions: 'rwm' },
      ],
      envs: { DEVICE_0: '/dev/0' },
      mounts: [
        { hostPath: '/usr/share/x', containerPath: '/x', readOnly: true },
        { hostPath: '/run/y', containerPath: '/run/y', readOnly: false },
      ],
      annotations: { 'example.com/a': '' },
      cdiDevices: ['example.com/class=one'],
    };
    expect(containerLines(container)).toEqual([
      '  device nodes  /dev/fuse (rw)',
      '                /dev/disk, on the host /dev/loop7 (rwm)',
      '  environment   DEVICE_0=/dev/0',
      '  mounts        /x, on the host /usr/share/x (read-only)',
      '                /run/y (read-write)',
      '  annotations   example.com/a=',
      '  CDI devices   example.com/class=one',
    ]);
  });

  it('escapes what could move the cursor', () => {
    expect(containerLines({ ...nothing, envs: { A: '\x1b[2J' } })[1]).toBe('  environment   A=\\u{1b}[2J');
  });
});
