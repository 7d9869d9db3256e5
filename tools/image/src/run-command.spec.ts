// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { capture, run, succeeds, type Command } from './run-command.ts';

const options = { cwd: '/', signal: new AbortController().signal };
const node = (script: string): Command => [process.execPath, '-e', script];

describe('capture()', () => {
  it('returns what a program prints, in its place and with its environment', async () => {
    const script = 'process.stdout.write(process.cwd() + process.env.KDP_TEST)';
    expect(await capture(node(script), { ...options, env: { KDP_TEST: ' set' } })).toBe('/ set');
  });

  it('tells of a failure what the program says, and of a program that is not there', async () => {
    await expect(capture(node('console.error("no disk"); process.exit(3)'), options)).rejects.toThrow(
      `${process.execPath} failed (exit code 3): no disk`,
    );
    await expect(capture(['/nowhere/tool'], options)).rejects.toThrow(
      '/nowhere/tool failed (spawn /nowhere/tool ENOENT)',
    );
    await expect(capture(node('process.kill(process.pid, "SIGKILL")'), options)).rejects.toThrow('failed (SIGKILL)');
  });

  it('ends a program when it is told to', async () => {
    const stopping = new AbortController();
    const running = capture(node('setInterval(() => {}, 1000)'), { ...options, signal: stopping.signal });
    stopping.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });
});

describe('run()', () => {
  it('refers to what the program has said', async () => {
    await expect(run(node('process.exit(4)'), options)).rejects.toThrow('failed (exit code 4): it says why above');
    await expect(run(node('0'), options)).resolves.toBeUndefined();
  });
});

describe('succeeds()', () => {
  it.each([
    ['0', true],
    ['process.exit(1)', false],
  ])('says of %j: %s', async (script, expected) => {
    expect(await succeeds(node(script), options)).toBe(expected);
  });

  it('is no answer when it was stopped', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(succeeds(node('0'), { ...options, signal })).rejects.toThrow('enough');
  });
});
