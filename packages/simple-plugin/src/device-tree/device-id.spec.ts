// SPDX-License-Identifier: Apache-2.0
import { deviceIdProblem } from '@kube-device-plugins/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceIds } from './device-id.ts';

const idsOf = (...paths: string[]): string[] => [...deviceIds(paths).values()];

describe('deviceIds()', () => {
  it.each([
    ['/dev/fuse', 'fuse'],
    ['/dev/loop0', 'loop0'],
    ['/dev/net/tun', 'net-tun'],
    ['/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0', 'serial-by-id-usb-1a86_USB_Serial-if00-port0'],
  ])('makes of %s the id %s', (path, id) => expect(idsOf(path)).toEqual([id]));

  it('ends a path that is too long in a hash of all of it', () => {
    const long = `/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_${'A'.repeat(40)}-if00-port`;
    const [first = '', second = ''] = idsOf(`${long}0`, `${long}1`);
    expect(first).toMatch(/^serial-by-id-usb-FTDI_FT232R_USB_UART_A{12}-[0-9a-f]{12}$/);
    expect(first).toHaveLength(63);
    expect(second.slice(0, 50)).toBe(first.slice(0, 50));
    expect(second).not.toBe(first);
  });

  it('replaces characters that no id may have, and adds a hash for them', () => {
    expect(idsOf('/dev/a b')[0]).toMatch(/^a_b-[0-9a-f]{12}$/);
    expect(idsOf('/dev/a b')).not.toEqual(idsOf('/dev/a\u00e9b'));
  });

  it('leaves the earlier of two alike paths its id', () => {
    expect(idsOf('/dev/net/tun', '/dev/net-tun')).toEqual(['net-tun', expect.stringMatching(/^net-tun-[0-9a-f]{12}$/)]);
  });

  it('gives ids that kubelets take and that are never the same twice', () => {
    const name = fc.oneof(
      fc.stringMatching(/^[ab-]{1,3}$/),
      fc.string({ minLength: 1, maxLength: 80 }),
      fc.string({ unit: 'binary', minLength: 1 }),
    );
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/dev/${names.join('/')}`);
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 30 }), (paths) => {
        const ids = idsOf(...paths);
        expect(ids).toHaveLength(paths.length);
        expect(new Set(ids).size).toBe(paths.length);
        for (const id of ids) expect(deviceIdProblem(id)).toBeUndefined();
        expect(idsOf(...paths)).toEqual(ids);
      }),
    );
  });

  it('does not fall for a name made to look like another one with its hash', () => {
    const [, hashed = ''] = idsOf('/dev/a/b', '/dev/a-b');
    const ids = idsOf(`/dev/${hashed}`, '/dev/a/b', '/dev/a-b');
    expect(new Set(ids).size).toBe(3);
    expect(ids[0]).toBe(hashed);
  });
});
