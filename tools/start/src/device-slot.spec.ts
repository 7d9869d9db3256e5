// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceSlot } from './device-slot.ts';

let parent = '';

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'kdp-'));
});

afterEach(async () => {
  await rm(parent, { recursive: true });
});

describe('DeviceSlot', () => {
  it('is empty, then holds a device, then is empty again', async () => {
    await using slot = await DeviceSlot.create(parent);
    const directory = dirname(slot?.pattern ?? '');
    expect(await readdir(directory)).toEqual([]);
    expect(await slot?.toggle()).toBe(true);
    expect(await readlink(join(directory, 'null'))).toBe('/dev/null');
    expect(await slot?.toggle()).toBe(false);
    expect(await readdir(directory)).toEqual([]);
  });

  it('leaves nothing behind, plugged or not', async () => {
    const slot = await DeviceSlot.create(parent);
    await slot?.toggle();
    expect(await readdir(parent)).toHaveLength(1);
    await slot?.[Symbol.asyncDispose]();
    expect(await readdir(parent)).toEqual([]);
  });

  it('does without where it cannot write', async () => {
    expect(await DeviceSlot.create(join(parent, 'nowhere'))).toBeUndefined();
  });
});
