// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import { describe, expect, it } from 'vitest';
import { bindVf } from './driver-binding.ts';
import type { HostWriter } from './host-writer.ts';

const vf = '0000:6b:00.1';
const override = `/sys/bus/pci/devices/${vf}/driver_override`;
const unbind = '/sys/bus/pci/drivers/4xxxvf/unbind';
const bind = '/sys/bus/pci/drivers/vfio-pci/bind';

/** A kernel that refuses to write these files. */
function recorder(...refused: readonly string[]): HostWriter & { readonly writes: string[] } {
  const writes: string[] = [];
  return {
    writes,
    write(path, text) {
      if (refused.includes(path))
        return Promise.reject(new DevicePluginError('HOST_UNWRITABLE', `cannot write ${path}`));
      writes.push(`${path} ${text}`);
      return Promise.resolve();
    },
  };
}

describe('bindVf()', () => {
  it('takes a VF from its driver and gives it to the other', async () => {
    const writer = recorder();
    await bindVf(writer, vf, 'vfio-pci', '4xxxvf');
    expect(writer.writes).toEqual([`${override} vfio-pci`, `${unbind} ${vf}`, `${bind} ${vf}`]);
  });

  it('only binds a VF that no driver has', async () => {
    const writer = recorder();
    await bindVf(writer, vf, 'vfio-pci', undefined);
    expect(writer.writes).toEqual([`${override} vfio-pci`, `${bind} ${vf}`]);
  });

  it('goes on without driver_override, which a plugin cannot write that has /sys/bus/pci alone', async () => {
    const writer = recorder(override);
    await bindVf(writer, vf, 'vfio-pci', '4xxxvf');
    expect(writer.writes).toEqual([`${unbind} ${vf}`, `${bind} ${vf}`]);
  });

  it.each([
    ['the unbinding', [unbind], [`${override} vfio-pci`], `cannot write ${unbind}`],
    ['the binding', [bind], [`${override} vfio-pci`, `${unbind} ${vf}`], `cannot write ${bind}`],
    [
      'both ways to bind',
      [override, bind],
      [`${unbind} ${vf}`],
      `cannot write ${bind}; before that: cannot write ${override}`,
    ],
  ])('ends where the kernel refuses %s, and says so', async (_, refused, writes, cause) => {
    const writer = recorder(...refused);
    await expect(bindVf(writer, vf, 'vfio-pci', '4xxxvf')).rejects.toMatchObject({
      code: 'HOST_UNWRITABLE',
      message: `cannot bind ${vf} to vfio-pci`,
      cause: { message: cause },
    });
    expect(writer.writes).toEqual(writes);
  });
});
