// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDeviceKinds } from './host-devices.ts';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kdp-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

describe('findDeviceKinds()', () => {
  it.each([
    ['/dev/fuse', 'fuse'],
    ['/dev/net/tun', 'tun'],
    ['/dev/kvm', 'kvm'],
    ['/dev/dri/renderD128', 'render'],
    ['/dev/dri/card0', 'card'],
    ['/dev/loop17', 'loop'],
    ['/dev/serial/by-id/usb-FTDI_FT232R_A1', 'serial'],
    ['/dev/vfio/42', 'vfio'],
  ])('finds %s', async (path, name) => {
    await touch(path);
    expect((await findDeviceKinds(root)).map(({ resource }) => resource)).toEqual([`host.example.com/${name}`]);
  });

  it.each(['/dev/loop-control', '/dev/vfio/vfio', '/dev/null', '/dev/dri/by-path/x'])(
    'leaves %s alone',
    async (path) => {
      await touch(path);
      expect(await findDeviceKinds(root)).toEqual([]);
    },
  );

  it('finds nothing on a host with no /dev', async () => {
    expect(await findDeviceKinds(root)).toEqual([]);
  });
});

async function touch(path: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), '');
}
