// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PluginProcess } from './plugin-process.ts';

const file = join(import.meta.dirname, 'fixtures/count-command.ts');

function run(args: readonly string[], input = '', env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { input, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('runCommand()', () => {
  it.each(['-h', '--help'])('prints help to standard output and exits 0 on %s', (flag) => {
    const { status, stdout, stderr } = run([flag]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^count-command: counts what it is given\n\nUsage: count-command \[flags\] \[word\.\.\.\]\n/,
    );
    for (const text of ['-do count|read', '-vmodule', 'KDP_DO', 'COUNT_FROM  where', 'count-command a b  prints 2'])
      expect(stdout).toContain(text);
    expect(stdout).toMatch(/Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}3 {2}asked for\n$/);
  });

  it('takes arguments and environment, and exits 0', () => {
    expect(run(['a', 'b', '-v'], '', { COUNT_FROM: '40' })).toEqual({ status: 0, stdout: '43\n', stderr: '' });
  });

  it.each([
    [['-nope'], 'flag provided but not defined: -nope'],
    [['-do=nothing'], 'invalid value "nothing" for flag -do'],
    [['-v=x'], 'invalid value "x" for flag -v'],
  ])('names what is wrong with %j, where to read more, and exits 2', (args, text) => {
    const { status, stdout, stderr } = run(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(text);
    expect(stderr.endsWith('count-command -h shows what there is\n')).toBe(true);
  });

  it.each([
    ['code', 3, /^$/],
    ['flag', 2, /^E.*\] flags that do not go together\n$/],
    ['own', 1, /^E.*\] the file is wrong\n$/],
    ['foreign', 1, /^E.*"count-command ends"[^]*a mistake[^]*count-command\.ts:\d+/],
  ])('exits after %s with %i', (what, code, text) => {
    const { status, stderr } = run([`-do=${what}`]);
    expect(status).toBe(code);
    expect(stderr).toMatch(text);
  });

  it('reads standard input, and no more than it is to', () => {
    expect(run(['-do=read'], '0123456789').stdout).toBe('10\n');
    const { status, stderr } = run(['-do=read'], '0123456789a');
    expect(status).toBe(1);
    expect(stderr).toContain('standard input has more than 10 bytes');
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)('ends in order on %s', async (signal) => {
    await using command = new PluginProcess('count-command', ['-do=wait']);
    await expect.poll(() => command.stderr).toContain('waiting');
    command.signal(signal);
    expect(await command.end()).toBe(0);
    expect(command.stderr).toContain(`"stopping" signal="${signal}"`);
  });

  it('ends at once on a second signal', async () => {
    await using command = new PluginProcess('count-command', ['-do=hang']);
    await expect.poll(() => command.stderr).toContain('waiting');
    command.signal('SIGTERM');
    await expect.poll(() => command.stderr).toContain('"stopping"');
    command.signal('SIGINT');
    expect(await command.end()).toBe(1);
    expect(command.stderr).toContain('second signal');
  });

  it('does not mind a reader that has had enough', () => {
    const script = `set -o pipefail; "$0" "$1" -do=flood | head -n 1`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, file], { encoding: 'utf8' });
    expect([status, stdout, stderr]).toEqual([0, `${'x'.repeat(100)}\n`, '']);
  });
});
