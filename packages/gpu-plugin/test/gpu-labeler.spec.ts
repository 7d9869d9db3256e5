// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dir, FakeLevelZero, hostFixture, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandProcess } from './command-process.ts';
import { cards, linkedCard } from './labeled-cards.ts';

const oneCard = [
  'gpu.intel.com/tiles=1',
  'gpu.intel.com/millicores=1000',
  'gpu.intel.com/memory.max=8086',
  'gpu.intel.com/cards=card0',
  'gpu.intel.com/gpu-numbers=0',
  '',
].join('\n');

describe('gpu-labeler', () => {
  let fixture: HostFixture;
  let file: string;

  beforeEach(async () => {
    fixture = await hostFixture({
      ...cards({ card0: { lmem_total_bytes: '8086' } }),
      features: dir(),
      'dev/dri': dir(),
    });
    file = fixture.path('features/gpu.txt');
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  function start(...args: readonly string[]): CommandProcess {
    return new CommandProcess('gpu-labeler', ['-prefix', fixture.root, '-output', file, ...args]);
  }

  async function written(text: string): Promise<void> {
    await expect.poll(async () => await readFile(file, 'utf8').catch(() => '')).toBe(text);
  }

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)(
    'A-L14: keeps the label file until %s, and removes it then',
    async (signal) => {
      await using labeler = start('-interval=1ms');
      await written(oneCard);
      labeler.signal(signal);
      expect(await labeler.end()).toBe(0);
      expect(await readdir(fixture.path('features'))).toEqual([]);
    },
  );

  it('prints the labels once with -stdout', async () => {
    await using labeler = start('-stdout');
    expect(await labeler.end()).toBe(0);
    expect([labeler.stdout, labeler.stderr]).toEqual([oneCard, '']);
    expect(await readdir(fixture.path('features'))).toEqual([]);
  });

  it('warns of a variable that is no number, and does without it', async () => {
    const env = { GPU_MEMORY_OVERRIDE: 'abc', GPU_MEMORY_RESERVED: '' };
    await using labeler = new CommandProcess('gpu-labeler', ['-prefix', fixture.root, '-stdout'], { env });
    expect(await labeler.end()).toBe(0);
    expect(labeler.stdout).toBe(oneCard);
    expect(labeler.stderr).toMatch(/^W.* "variable is no whole number.*" name="GPU_MEMORY_OVERRIDE" value="abc"\n$/);
  });

  it('A-L13: asks the Level-Zero sidecar for memory, and does without it', async () => {
    await fixture.remove('sys/class/drm/card0');
    await fixture.add(linkedCard('card0', 'pci0000:00/0000:00:02.0'));
    await using sidecar = await FakeLevelZero.start(fixture.path('l0.sock'));
    sidecar.setCard('0000:00:02.0', { memoryBytes: 12_345_678 });
    await using labeler = start('-interval=20ms', `-levelzero-socket=${fixture.path('l0.sock')}`);
    await expect.poll(async () => await readFile(file, 'utf8').catch(() => '')).toContain('memory.max=12345678\n');
    sidecar.stop();
    await expect.poll(async () => await readFile(file, 'utf8')).toContain('memory.max=0\n');
    await sidecar.start();
    await expect.poll(async () => await readFile(file, 'utf8')).toContain('memory.max=12345678\n');
    labeler.signal('SIGTERM');
    expect(await labeler.end()).toBe(0);
  });

  it('does not wait for ever for a sidecar that hangs', async () => {
    await fixture.remove('sys/class/drm/card0');
    await fixture.add(linkedCard('card0', 'pci0000:00/0000:00:02.0'));
    await using sidecar = await FakeLevelZero.start(fixture.path('l0.sock'));
    sidecar.behave('hang');
    await using labeler = start('-stdout', `-levelzero-socket=${fixture.path('l0.sock')}`);
    expect(await labeler.end()).toBe(0);
    expect(labeler.stdout).toContain('memory.max=0\n');
  });

  it('writes what has changed, at once when a device node comes', async () => {
    await using labeler = start('-interval=1h');
    await written(oneCard);
    await fixture.add(cards({ card1: { lmem_total_bytes: '1' } }));
    await expect
      .poll(async () => {
        await fixture.write(`dev/dri/card${Math.random()}`, '');
        return await readFile(file, 'utf8');
      })
      .toContain('gpu.intel.com/gpu-numbers=0.1\n');
  });

  it('writes again what somebody removed or changed, and nothing while nothing changes', async () => {
    await using labeler = start('-interval=5ms', '-v=4');
    await written(oneCard);
    await rm(file);
    await written(oneCard);
    await writeFile(file, `${oneCard}more=1\n`);
    await written(oneCard);
    const scans = (): number => labeler.stderr.match(/scan ended/g)?.length ?? 0;
    const before = scans();
    await expect.poll(scans).toBeGreaterThan(before + 3);
    expect(labeler.stderr.match(/labels written/g)).toHaveLength(3);
  });

  it('goes on trying to write, says so once, and says when it works', async () => {
    await rm(fixture.path('features'), { recursive: true });
    await using labeler = start('-interval=5ms', '-v=4');
    await expect.poll(() => labeler.stderr.match(/scan ended/g)?.length).toBeGreaterThan(3);
    expect(labeler.stderr.match(/labels stay as they were/g)).toHaveLength(1);
    expect(labeler.stderr).toContain('has to be there and writable');
    await mkdir(fixture.path('features'));
    await written(oneCard);
    await expect.poll(() => labeler.stderr).toContain('labels are right again');
  });

  it('says once which card it leaves out', async () => {
    await fixture.add(cards({ card1: { 'device/vendor': dir() } }));
    await using labeler = start('-interval=5ms', '-v=4');
    await written(oneCard);
    await expect.poll(() => labeler.stderr.match(/scan ended/g)?.length).toBeGreaterThan(3);
    expect(labeler.stderr.match(/card left out of the labels" card="card1"/g)).toHaveLength(1);
  });

  it.each([['-interval=0s'], ['-interval=25h'], ['-output=x'], ['-output=/x/'], ['more']])(
    'refuses %s and exits 2',
    async (...args) => {
      await using labeler = start(...args);
      expect(await labeler.end()).toBe(2);
      expect(labeler.stderr).toContain('gpu-labeler -h');
    },
  );
});
