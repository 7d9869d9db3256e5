// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPlugin } from './plugin-process.ts';

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kdp-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function program(source: string): Promise<string> {
  const file = join(directory, 'program.mjs');
  await writeFile(file, source);
  return file;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const waitForSignal =
  "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000); console.log('ready');";

describe('startPlugin()', () => {
  it('hands over each line of both outputs', async () => {
    const lines: string[] = [];
    const file = await program('console.log(process.argv[2]); console.error("two\\nthree");');
    const { ended } = startPlugin(file, ['one'], (line) => lines.push(line));
    await ended;
    expect(lines.sort()).toEqual(['one', 'three', 'two']);
  });

  it('tells the exit status and the last lines', async () => {
    const file = await program('for (let i = 0; i < 50; i += 1) console.error(i); process.exitCode = 3;');
    const end = await startPlugin(file, [], () => undefined).ended;
    expect(end.how).toBe('ended with exit status 3');
    expect(end.lastLines).toEqual(['40', '41', '42', '43', '44', '45', '46', '47', '48', '49']);
  });

  it.each([
    ['a complaint about a flag without the flags', 'no flag -x', ['no flag -x', 'Usage of it:']],
    [
      'all flags where nothing else was asked for',
      undefined,
      ['Usage of it:', ...Array.from({ length: 50 }, (_, i) => `-${i}`)],
    ],
  ])('keeps %s', async (_, complaint, expected) => {
    const said = [complaint ?? [], 'Usage of it:', Array.from({ length: 50 }, (_, i) => `-${i}`)].flat();
    const file = await program(`for (const line of ${JSON.stringify(said)}) console.error(line);`);
    expect((await startPlugin(file, [], () => undefined).ended).lastLines).toEqual(expected);
  });

  it('bounds the length of a line', async () => {
    const file = await program('console.error("x".repeat(100_000));');
    const end = await startPlugin(file, [], () => undefined).ended;
    expect(end.lastLines[0]).toHaveLength(2_000);
  });

  it('tells the signal that ended it', async () => {
    const file = await program('process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);');
    expect((await startPlugin(file, [], () => undefined).ended).how).toBe('was ended by SIGKILL');
  });

  it('stops a program that listens to SIGTERM', async () => {
    const ready = Promise.withResolvers<string>();
    const plugin = startPlugin(await program(waitForSignal), [], ready.resolve);
    expect(await ready.promise).toBe('ready');
    expect(isAlive(plugin.pid)).toBe(true);
    await plugin.stop(10_000);
    expect(isAlive(plugin.pid)).toBe(false);
    expect((await plugin.ended).how).toBe('ended with exit status 0');
  });

  it('kills a program that does not listen', async () => {
    const ready = Promise.withResolvers<string>();
    const deaf = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('ready');";
    const plugin = startPlugin(await program(deaf), [], ready.resolve);
    await ready.promise;
    await plugin.stop(50);
    expect((await plugin.ended).how).toBe('was ended by SIGKILL');
  });

  it('stops a program that has ended already', async () => {
    const plugin = startPlugin(await program(''), [], () => undefined);
    await plugin.ended;
    await plugin.stop(10_000);
    expect((await plugin.ended).how).toBe('ended with exit status 0');
  });

  it('leaves alone the exit of a program that is done', async () => {
    const plugin = startPlugin(await program('setTimeout(() => {}, 20)'), [], () => undefined);
    expect((await plugin.ended).how).toBe('ended with exit status 0');
  });

  it('leaves no plugin behind when its own process is killed', async () => {
    const plugin = await program(waitForSignal);
    const parent = join(directory, 'parent.mts');
    const module = new URL('plugin-process.ts', import.meta.url).href;
    await writeFile(
      parent,
      `import { startPlugin } from ${JSON.stringify(module)};
       const plugin = startPlugin(${JSON.stringify(plugin)}, [], () => console.log(plugin.pid));`,
    );
    const child = spawn(process.execPath, [parent], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [output] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(output.toString());
    expect(isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    await expect.poll(() => isAlive(pid)).toBe(false);
  });
});
