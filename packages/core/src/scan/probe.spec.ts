// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TempDir } from '../../test/temp-dir.ts';
import { Host } from './host.ts';

describe('Host.probeText()', () => {
  let temp: TempDir;
  let host: Host;
  let fifos: string[];

  beforeEach(async () => {
    temp = await TempDir.create();
    mkdirSync(temp.join('sys'));
    host = new Host(temp.path);
    fifos = [];
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });

  afterEach(async () => {
    vi.useRealTimers();
    for (const fifo of fifos) await answer(fifo, '');
    await temp[Symbol.asyncDispose]();
  });

  /** A read of it ends when somebody answers, as that of a device. */
  function silentFile(name: string): string {
    const fifo = temp.join(`sys/${name}`);
    execFileSync('mkfifo', [fifo]);
    fifos.push(fifo);
    return `/sys/${name}`;
  }

  async function answer(fifo: string, text: string): Promise<void> {
    // ENXIO: nobody reads yet.
    const openToWrite = (): number => openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    const fd = await vi.waitFor(openToWrite, { timeout: 10_000 });
    writeSync(fd, text);
    closeSync(fd);
    fifos = fifos.filter((other) => other !== fifo);
  }

  it('reads text', async () => {
    writeFileSync(temp.join('sys/heartbeat'), '0\n');
    expect(await host.probeText('/sys/heartbeat')).toBe('0');
  });

  it('finds nothing where nothing is', async () => {
    expect(await host.probeText('/sys/heartbeat')).toBeUndefined();
  });

  it('refuses what is too long, or no file', async () => {
    writeFileSync(temp.join('sys/long'), 'x'.repeat(11));
    await expect(host.probeText('/sys/long', 10)).rejects.toMatchObject({ code: 'HOST_UNREADABLE' });
    await expect(host.probeText('/sys')).rejects.toMatchObject({ code: 'HOST_UNREADABLE' });
  });

  it('gives up what does not answer in 2 s, and at once while it still does not', async () => {
    const silent = silentFile('silent');
    writeFileSync(temp.join('sys/heartbeat'), '0\n');
    const first = expect(host.probeText(silent)).rejects.toMatchObject({
      code: 'HOST_TIMEOUT',
      message: `no answer to a read of ${temp.join('sys/silent')} in 2 s`,
    });
    const other = host.probeText('/sys/heartbeat');
    await vi.advanceTimersByTimeAsync(2_000);
    await first;
    expect(await other).toBe('0');
    await expect(host.probeText(silent)).rejects.toMatchObject({ code: 'HOST_TIMEOUT' });
  });

  it('reads again what has answered at last', async () => {
    const silent = silentFile('late');
    const first = expect(host.probeText(silent)).rejects.toMatchObject({ code: 'HOST_TIMEOUT' });
    await vi.advanceTimersByTimeAsync(2_000);
    await first;
    vi.useRealTimers();
    await answer(temp.join('sys/late'), '1\n');
    rmSync(temp.join('sys/late'));
    writeFileSync(temp.join('sys/late'), '0\n');
    await vi.waitFor(async () => expect(await host.probeText(silent)).toBe('0'), { timeout: 10_000 });
  });

  it('does not read at all, and blames no device for it, while two reads hang', async () => {
    writeFileSync(temp.join('sys/heartbeat'), '0\n');
    for (const name of ['one', 'two']) {
      const hanging = expect(host.probeText(silentFile(name))).rejects.toMatchObject({ code: 'HOST_TIMEOUT' });
      await vi.advanceTimersByTimeAsync(2_000);
      await hanging;
    }
    await expect(host.probeText('/sys/heartbeat')).rejects.toMatchObject({
      code: 'HOST_UNREADABLE',
      cause: { message: `reads of other devices do not end: ${temp.join('sys/one')}, ${temp.join('sys/two')}` },
    });
  });
});

describe('fileWork()', () => {
  it('does not keep a process from ending, with its exit code', async () => {
    await using temp = await TempDir.create();
    execFileSync('mkfifo', [temp.join('fifo')]);
    const script = `
      import { open } from 'node:fs/promises';
      import { exitDespiteFileWork, fileWork } from ${JSON.stringify(join(import.meta.dirname, 'file-work.ts'))};
      exitDespiteFileWork(process);
      void fileWork(() => open(process.argv[1]));
      setTimeout(() => process.exit(3), 100);
    `;
    const options = ['--no-warnings', '--input-type=module', '--eval', script, temp.join('fifo')];
    expect(spawnSync(process.execPath, options, { timeout: 10_000, encoding: 'utf8' })).toMatchObject({
      status: 3,
      stderr: '',
    });
  });
});
