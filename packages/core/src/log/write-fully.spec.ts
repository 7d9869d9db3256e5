// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFully } from './write-fully.ts';

describe('writeFully()', () => {
  let directory: string;
  let fifo: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kdp-'));
    fifo = join(directory, 'fifo');
    execFileSync('mkfifo', [fifo]);
  });

  afterEach(() => rm(directory, { recursive: true }));

  it('waits for the reader of a full pipe', async () => {
    const text = 'x'.repeat(300_000);
    const out = join(directory, 'out');
    const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const reader = spawn('sh', ['-c', 'head -c 300000 "$1" >"$2"', 'sh', fifo, out]);
    const ended = new Promise((resolve) => reader.once('close', resolve));
    writeFully(fd, text);
    await ended;
    closeSync(fd);
    expect(readFileSync(out, 'utf8') === text).toBe(true);
  });

  it('gives up on a pipe that stays full, and says so', () => {
    const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const begun = performance.now();
    expect(() => writeFully(fd, 'x'.repeat(1_000_000))).toThrow(expect.objectContaining({ code: 'EAGAIN' }) as Error);
    expect(performance.now() - begun).toBeGreaterThan(900);
    closeSync(fd);
  });

  it('throws at once what waiting does not cure', () => {
    const fd = openSync(fifo, constants.O_RDWR);
    closeSync(fd);
    expect(() => writeFully(fd, 'x')).toThrow(expect.objectContaining({ code: 'EBADF' }) as Error);
  });
});
