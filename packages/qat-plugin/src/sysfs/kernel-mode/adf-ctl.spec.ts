// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostFixture, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adfCtlProgram } from '../../../test/adf-ctl-program.ts';
import { runAdfCtlStatus } from './adf-ctl.ts';

describe('runAdfCtlStatus()', () => {
  let fixture: HostFixture;
  const never = new AbortController().signal;

  beforeEach(async () => {
    fixture = await hostFixture({});
  });
  afterEach(() => fixture.dispose());

  const run = async (script: string, timeoutMs = 15_000, signal = never) =>
    await runAdfCtlStatus({ path: await adfCtlProgram(fixture, script), timeoutMs }, signal);

  it('gives both outputs', async () => {
    expect(await run('echo "$# $1"; echo problem >&2')).toBe('1 status\n\nproblem\n');
  });

  it('A-K5: rejects when it fails, with what it said', async () => {
    await expect(run('echo "no driver" >&2; exit 3')).rejects.toMatchObject({
      code: 'HOST_UNREADABLE',
      message: expect.stringMatching(
        /^Can't get driver status from ".*\/adf_ctl status": it ended with 3: no driver; .*\/dev\/qat_adf_ctl/,
      ) as unknown,
    });
  });

  it('rejects when there is no such program', async () => {
    const path = fixture.path('nothing');
    await expect(runAdfCtlStatus({ path, timeoutMs: 15_000 }, never)).rejects.toMatchObject({
      code: 'HOST_UNREADABLE',
      cause: { code: 'ENOENT' },
    });
  });

  it('rejects when it prints without end', async () => {
    const endless = run('while true; do echo 0123456789012345678901234567890123456789; done');
    await expect(endless).rejects.toThrow('it printed more than 64 KiB');
  });

  it('kills it when its time is over, and waits neither for it nor for its children', async () => {
    const startMs = performance.now();
    await expect(run('sleep 60 & sleep 60', 200)).rejects.toThrow('it took more than 200 ms');
    expect(performance.now() - startMs).toBeLessThan(15_000);
  });

  it('kills it with its children though they ignore SIGTERM', async () => {
    const pids = fixture.path('pids');
    const script = `trap "" TERM\necho $$ >> ${pids}\nsleep 60 &\necho $! >> ${pids}\nwait; sleep 60`;
    await expect(run(script, 500)).rejects.toThrow('it took more than 500 ms');
    const running = (await readFile(pids, 'utf8')).trim().split('\n');
    expect(running).toHaveLength(2);
    await expect.poll(() => running.filter(isRunning)).toEqual([]);
    expect(await run('echo again')).toBe('again\n\n');
  });

  it('kills it when the signal aborts', async () => {
    const stop = new AbortController();
    const running = run(`echo $$ > ${fixture.path('pid')}; exec sleep 60`, 60_000, stop.signal);
    const outcome = expect(running).rejects.toThrow('it was stopped');
    const readPid = async () => Number(await readFile(fixture.path('pid'), 'utf8').catch(() => ''));
    await expect.poll(readPid).toBeGreaterThan(0);
    const pid = await readPid();
    stop.abort();
    await outcome;
    await expect.poll(() => isRunning(String(pid))).toBe(false);
  });

  it('starts nothing when the signal has aborted', async () => {
    await expect(run(`touch ${fixture.path('started')}`, 15_000, AbortSignal.abort())).rejects.toThrow();
    await expect(readFile(fixture.path('started'))).rejects.toThrow('ENOENT');
  });
});

/** Who was killed may be a zombie until its parent, which may be any, has asked for it. */
function isRunning(pid: string): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
