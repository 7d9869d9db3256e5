// SPDX-License-Identifier: Apache-2.0
import { dir, verdictsOn, type FixtureTree } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { checks } from './doctor.ts';

describe('simple-devices', () => {
  it.each<[string, FixtureTree]>([
    ['problem: /dev is empty, or not mounted', {}],
    ['problem: /dev has no kmsg: it is that of a container', { 'dev/null': '' }],
    ['ok: /dev has 2 entries', { 'dev/null': '', 'dev/kmsg': '' }],
  ])('says %j', async (verdict, tree) => {
    expect((await verdictsOn(checks, tree))['simple-devices']).toBe(verdict);
  });
});

describe('simple-usb', () => {
  const plugged = { 'sys/bus/usb/devices/1-4.2': dir(), 'sys/bus/usb/devices/usb1': dir() };

  it.each<[string, FixtureTree]>([
    ['not applicable: nothing is plugged into USB', { 'sys/bus/usb/devices/usb1': dir() }],
    ['problem: 1 devices, and /dev/bus/usb is empty', plugged],
    ['ok: 1 devices', { ...plugged, 'dev/bus/usb/001/002': '' }],
  ])('says %j', async (verdict, tree) => {
    expect((await verdictsOn(checks, tree))['simple-usb']).toBe(verdict);
  });
});
