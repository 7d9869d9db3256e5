// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import { constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fdOutput } from './log-sink.ts';

describe('fdOutput()', () => {
  let directory: string;
  let fifo: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kdp-'));
    fifo = join(directory, 'fifo');
    execFileSync('mkfifo', [fifo]);
  });

  afterEach(() => rm(directory, { recursive: true }));

  it('waits a second for a pipe that stays full, but only once, and goes on when there is room again', () => {
    const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const output = fdOutput(fd);
    output.write('x'.repeat(200_000));
    const begun = performance.now();
    for (let line = 0; line < 10; line += 1) output.write(`${'y'.repeat(5_000)}\n`);
    expect(performance.now() - begun).toBeLessThan(900);
    const buffer = Buffer.alloc(1_000_000);
    expect(readSync(fd, buffer)).toBeLessThan(200_000);
    output.write('room again\n');
    expect(buffer.toString('utf8', 0, readSync(fd, buffer))).toBe('room again\n');
    closeSync(fd);
  });

  it('drops what has no reader', () => {
    const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(fifo, constants.O_WRONLY);
    closeSync(reader);
    expect(() => {
      fdOutput(writer).write('x\n');
    }).not.toThrow();
    closeSync(writer);
  });

  it('lets a process live whose standard error was closed', async () => {
    const program = `import { once } from 'node:events';
import { log } from '${join(import.meta.dirname, 'log.ts')}';
log.info('read');
await once(process.stdin, 'data');
log.info('unread');
process.stdout.write('alive');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
    const [line] = (await once(child.stderr, 'data')) as [Buffer];
    expect(line.toString()).toMatch(/^I.*\] read\n$/);
    child.stderr.destroy();
    await once(child.stderr, 'close');
    child.stdin.end('x');
    const [word] = (await once(child.stdout, 'data')) as [Buffer];
    expect(word.toString()).toBe('alive');
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(0);
  });
});
