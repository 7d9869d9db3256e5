// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { nodeClock } from './node-clock.ts';
import { envAt } from './subject.ts';

describe('nodeClock', () => {
  it('sets the clock of a process forward and back, and that of nobody else', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'kdp-'));
    try {
      const place = {
        dir,
        cdi: dir,
        prefix: dir,
        inventory: join(dir, 'i'),
        podresources: '',
        registry: '',
        port: '0',
      };
      const script = 'console.log(Date.now(), new Date().getTime(), new Date(5).getTime())';
      const hoursAhead = async (): Promise<number[]> => {
        const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
          env: envAt(nodeClock.env, place),
        });
        const [now = NaN, made = NaN, five = NaN] = stdout.trim().split(' ').map(Number);
        return [now, made, five + Date.now()].map((ms) => Math.round((ms - Date.now()) / 3_600_000) + 0);
      };
      expect(await hoursAhead()).toEqual([0, 0, 0]);
      await nodeClock.hooks.shiftClock(place, 3600);
      expect(await hoursAhead()).toEqual([1, 1, 0]);
      await nodeClock.hooks.shiftClock(place, -7200);
      expect(await hoursAhead()).toEqual([-1, -1, 0]);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
