// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseMemory, readActivity, readMemory } from './proc.ts';

describe('parseMemory()', () => {
  it('reads the sums of /proc/PID/smaps_rollup', () => {
    const text = `00400000-7ffd rollup
Rss:               61440 kB
Pss:               20480 kB
Pss_Anon:          14000 kB
Anonymous:         15360 kB
AnonHugePages:         0 kB
`;
    expect(parseMemory(text)).toEqual({ rssMiB: 60, pssMiB: 20, anonymousMiB: 15 });
  });

  it('refuses a text without them', () => {
    expect(() => parseMemory('Rss: 4 kB\n')).toThrow('Anonymous');
  });
});

describe('readMemory() and readActivity()', () => {
  it('read those of a living process', async () => {
    const memory = await readMemory(process.pid);
    expect(memory.rssMiB).toBeGreaterThan(memory.anonymousMiB);
    expect(memory.anonymousMiB).toBeGreaterThan(1);
    const before = await readActivity(process.pid);
    expect(before.cpuMs).toBeGreaterThan(10);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await readActivity(process.pid)).wakeUps).toBeGreaterThan(before.wakeUps);
  });
});
