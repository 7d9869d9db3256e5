// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { PluginProcess } from './plugin-process.ts';

function shell(script: string, env?: Record<string, string>): PluginProcess {
  return new PluginProcess(['sh', '-c', script], env);
}

describe('PluginProcess', () => {
  it.each([
    ['exit 3', 'has exited with 3 without a word'],
    ['echo first; echo last >&2; exit 1', 'has exited with 1; its last line: last'],
    ['kill -TERM $$', 'was killed by SIGTERM, which it does not handle without a word'],
    ['kill -KILL $$', 'has exited with SIGKILL without a word'],
    ['sleep 100 & exit 0', /^has exited with 0 and left processes behind/],
  ])('tells how %j ended', async (script, told) => {
    const plugin = shell(script);
    await plugin.exited;
    expect(plugin.told).toEqual(typeof told === 'string' ? told : expect.stringMatching(told));
  });

  it('tells that it could not be started', async () => {
    const plugin = new PluginProcess(['/nowhere/plugin'], undefined);
    expect(await plugin.exited).toEqual({ code: 127, signal: null });
    expect(plugin.startError?.message).toContain('ENOENT');
    expect(plugin.pid).toBe(-1);
    expect(plugin.killGroup()).toBe(false);
  });

  it('knows what a running process takes, and of one that is gone nothing', async () => {
    const plugin = shell('echo up; exec sleep 100');
    await expect.poll(() => plugin.output).toBe('up\n');
    expect(plugin.cpuMs).toBeGreaterThanOrEqual(0);
    expect(plugin.residentBytes).toBeGreaterThan(0);
    expect(plugin.openFiles).toBeGreaterThan(2);
    expect(plugin.exit).toBeUndefined();
    plugin.kill('SIGKILL');
    await plugin.exited;
    expect([plugin.cpuMs, plugin.residentBytes, plugin.openFiles]).toEqual([undefined, undefined, undefined]);
  });

  it('has the environment that it is given, and else that of this process', async () => {
    const own = shell('echo "$PATH $KDP_WORD"', { KDP_WORD: 'word', PATH: '/bin' });
    const inherited = shell('echo "$PATH"');
    await Promise.all([own.exited, inherited.exited]);
    expect(own.output).toBe('/bin word\n');
    expect(inherited.output).toBe(`${process.env.PATH}\n`);
  });

  it('keeps the end of very much output', async () => {
    const plugin = shell('head -c 200000 /dev/zero | tr "\\\\0" x; echo end');
    await plugin.exited;
    expect(plugin.output).toHaveLength(64 * 1024);
    expect(plugin.output).toMatch(/^x+end\n$/);
  });
});
