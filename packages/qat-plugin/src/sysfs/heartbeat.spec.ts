// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, type Host } from '@kube-device-plugins/core';
import { describe, expect, it } from 'vitest';
import { parseIsAlive, readIsAlive } from './heartbeat.ts';
import type { PhysicalFunction } from './physical-functions.ts';

describe('parseIsAlive()', () => {
  it.each([
    ['-1', false],
    ['-1\n', false],
    ['-1\n\0', false],
    ['-1\0', false],
    ['-1\n0', false],
    ['0\n\0', true],
    ['1', true],
    ['-10', true],
    ['0\n-1', true],
    ['', true],
    ['\0', true],
  ])('makes of %j %s', (status, isAlive) => {
    expect(parseIsAlive(status)).toBe(isAlive);
  });
});

describe('readIsAlive()', () => {
  const pf = { driver: '4xxx', bdf: '0000:6b:00.0' } as PhysicalFunction;
  const answering = (answer: Promise<string | undefined>): Host => ({ probeText: () => answer }) as unknown as Host;

  it('takes firmware that does not answer for dead', async () => {
    const timeout = Promise.reject(new DevicePluginError('HOST_TIMEOUT', 'no answer'));
    expect(await readIsAlive(answering(timeout), pf)).toBe(false);
    expect(await readIsAlive(answering(Promise.resolve('-1\n\0')), pf)).toBe(false);
  });

  it('takes firmware for alive that the kernel says nothing of', async () => {
    expect(await readIsAlive(answering(Promise.resolve(undefined)), pf)).toBe(true);
  });

  it('leaves a file that cannot be read to others', async () => {
    const refused = Promise.reject(new DevicePluginError('HOST_UNREADABLE', 'permission denied'));
    await expect(readIsAlive(answering(refused), pf)).rejects.toThrow('permission denied');
  });
});
