// SPDX-License-Identifier: Apache-2.0
import { deviceIdProblem } from '@kube-device-plugins/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceId, deviceOfShare, shareIds, shareSuffixLength } from './device-id.ts';

describe('deviceId()', () => {
  it.each([
    ['/dev/fuse', 'fuse'],
    ['/dev/loop0', 'loop0'],
    ['/dev/net/tun', 'net/tun'],
    ['/dev/net-tun', 'net-tun'],
    ['/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0', 'serial/by-id/usb-1a86_USB_Serial-if00-port0'],
    ['/opt/firmware', '/opt/firmware'],
    ['usb:1a86:7523:1-1.2', 'usb:1a86:7523:1-1.2'],
  ])('makes of %s the id %s', (name, id) => expect(deviceId([name], 63)).toBe(id));

  it('ends a path that is too long in a hash of all of it', () => {
    const long = `/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_${'A'.repeat(40)}-if00-port`;
    const [first, second] = [deviceId([`${long}0`], 63), deviceId([`${long}1`], 63)];
    expect(first).toMatch(/^serial\/by-id\/usb-FTDI_FT232R_USB_UART_A{12}~[0-9a-f]{12}$/);
    expect(first).toHaveLength(63);
    expect(second.slice(0, 50)).toBe(first.slice(0, 50));
    expect(second).not.toBe(first);
    expect(deviceId([`${long}0`], 57)).toHaveLength(57);
  });

  it.each([
    ['/dev/a b', /^a_b~[0-9a-f]{12}$/],
    ['/dev/a~b', /^a_b~[0-9a-f]{12}$/],
    ['/dev/a::1', /^a__1~[0-9a-f]{12}$/],
  ])('replaces what an id may not have in %j, and adds a hash for it', (name, id) => {
    expect(deviceId([name], 63)).toMatch(id);
  });

  it('adds a hash for a device of several parts, in which their order counts', () => {
    const [ab, ba] = [deviceId(['/dev/a', '/dev/b'], 63), deviceId(['/dev/b', '/dev/a'], 63)];
    expect(ab).toMatch(/^a~[0-9a-f]{12}$/);
    expect(ba).toMatch(/^b~[0-9a-f]{12}$/);
    expect(deviceId(['/dev/a', '/dev/c'], 63)).not.toBe(ab);
  });

  it('gives ids that kubelets take, that are never the same twice, also not as shares of each other', () => {
    const part = fc.oneof(
      fc.stringMatching(/^[ab~:-]{1,3}$/),
      fc.string({ minLength: 1, maxLength: 80 }),
      fc.string({ unit: 'binary', minLength: 1 }),
    );
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `/dev/${parts.join('/')}`);
    const name = fc.array(path, { minLength: 1, maxLength: 3 });
    const device = fc.record({ name, count: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(fc.uniqueArray(device, { maxLength: 30, selector: (one) => one.name.join('\0') }), (devices) => {
        const ids = devices.flatMap(({ name: parts, count }) =>
          shareIds(deviceId(parts, 63 - shareSuffixLength(count)), count),
        );
        expect(new Set(ids).size).toBe(devices.reduce((sum, { count }) => sum + count, 0));
        for (const id of ids) expect(deviceIdProblem(id)).toBeUndefined();
      }),
    );
  });
});

describe('shareIds()', () => {
  it.each([
    [1, ['fuse']],
    [3, ['fuse::0', 'fuse::1', 'fuse::2']],
  ])('makes of %i shares %j', (count, ids) => expect(shareIds('fuse', count)).toEqual(ids));

  it('leads back to the device', () => {
    for (const id of ['fuse', 'usb:1a86:7523:1-1.2', 'net/tun~0123456789ab']) {
      for (const count of [1, 12]) expect(new Set(shareIds(id, count).map(deviceOfShare))).toEqual(new Set([id]));
    }
  });

  it('adds as many characters as it says at most', () => {
    for (const count of [1, 2, 10, 11, 10_000]) {
      expect(Math.max(...shareIds('', count).map((suffix) => suffix.length))).toBe(shareSuffixLength(count));
    }
  });
});
