// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kdp-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(directory, name), text);
  return join(directory, name);
}

async function kdp(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCli(args, {
    env: {},
    signal: new AbortController().signal,
    print: (text) => void out.push(String(text)),
    printError: (text) => void err.push(text),
    terminal: undefined,
  });
  return { code, out: out.join('').replaceAll(`${directory}/`, ''), err: err.join('') };
}

describe('kdp validate', () => {
  it('tells of files that are valid for whom, and how that is known', async () => {
    const paths = [
      await file('gpu.yaml', 'shared-dev-num: 2\nmaintenance: [{ device: card0, reason: RMA 1 }]\n'),
      await file('qat-plugin.yaml', ''),
      await file('fpga.flags', '# regions\n-mode=region\n-config /etc/fpga.yaml'),
      await file('all.yaml', 'plugins: gpu,qat\nv: 2\n'),
      await file('x.yaml', '# yaml-language-server: $schema=../packages/simple-plugin/config.schema.json\nv: 4\n'),
    ];
    expect(await kdp('validate', ...paths)).toEqual({
      code: 0,
      out: [
        'gpu.yaml: valid for gpu, as its name says',
        'qat-plugin.yaml: valid for qat, as its name says',
        'fpga.flags: valid for fpga, as its name says',
        'all.yaml: valid for all, as its name says',
        'x.yaml: valid for simple, as its $schema says',
        '',
      ].join('\n'),
      err: '',
    });
  });

  it('names all that is wrong, where, and what would be right', async () => {
    const text = [
      'shared-dev-nums: 3',
      'scan-period: 5',
      'bypath: [single]',
      'maintenance:',
      '  - device: card0',
      '    until: tomorrow',
      'allow-ids: "0x56c0"',
      'deny-ids: "0x56c1"',
      'allocation-policy: best',
    ];
    const { code, out } = await kdp('validate', await file('gpu.yaml', text.join('\n')));
    expect(code).toBe(1);
    expect(out.trim().split('\n')).toEqual([
      'gpu.yaml:1:1: shared-dev-nums: is not a key that is known here; did you mean shared-dev-num?',
      'gpu.yaml:2:14: scan-period: has to be text such as 5s',
      'gpu.yaml:3:9: bypath: has to be text; put it in quotes',
      'gpu.yaml:6:12: maintenance[0].until: "tomorrow" has to be a date and a time with its zone, as 2026-12-01T00:00:00Z',
      'gpu.yaml:5:5: maintenance[0].reason: is missing',
      expect.stringMatching(
        /^gpu\.yaml:9:20: allocation-policy: argument error: invalid value for preferredAllocation/,
      ),
      expect.stringMatching(/^gpu\.yaml:8:11: deny-ids: argument error: cannot use both allow-ids and deny-ids/),
    ]);
  });

  it('checks flags line by line', async () => {
    const flags = await file('qat.flags', '-max-num-devices=many\n# v\n-v=4\nbind-vfs\n-dpdk-drivr=uio\n');
    expect((await kdp('validate', flags)).out.trim().split('\n')).toEqual([
      'qat.flags:1:1: invalid value "many" for flag -max-num-devices: parse error',
      'qat.flags:3:1: -v is a flag of all plugins: give it on the command line',
      'qat.flags:4:1: "bind-vfs" is not a flag: begin the line with its dash',
      'qat.flags:5:1: flag provided but not defined: -dpdk-drivr; did you mean -dpdk-driver?',
    ]);
    const together = await file('gpu.flags', '-allow-ids=0x56c0\n\n-deny-ids=0x56c1\n');
    expect((await kdp('validate', together)).out).toMatch(/^gpu\.flags:3:1: argument error: cannot use both/);
  });

  it('knows what is not for one of several plugins to set', async () => {
    const path = await file('gpu.yaml', 'v: 4\n');
    expect(await kdp('validate', path)).toMatchObject({ code: 0 });
    const { code, out } = await kdp('validate', '--hosted', path);
    expect([code, out]).toEqual([1, expect.stringMatching(/^gpu\.yaml:1:1: v: is a flag of all plugins/)]);
  });

  it('asks for whom a file is when it cannot tell, and takes an answer', async () => {
    const path = await file('config.yaml', 'shared-dev-num: 2');
    const { code, out } = await kdp('validate', path);
    expect([code, out]).toEqual([1, expect.stringMatching(/--plugin.*there are fpga, gpu, qat, simple, all/)]);
    expect(await kdp('validate', path, '--plugin', 'gpu-plugin')).toMatchObject({ code: 0 });
    const unknown = await kdp('validate', path, '-p', 'gpo');
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('did you mean gpu?') as string });
  });

  it('tells programs in JSON', async () => {
    const { code, out } = await kdp('validate', '-o', 'json', await file('gpu.yaml', 'a: 1'), '/nowhere/gpu.yaml');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      valid: false,
      files: [
        { path: 'gpu.yaml', plugin: 'gpu', valid: false, faults: [{ line: 1, column: 1, key: 'a' }] },
        { path: '/nowhere/gpu.yaml', plugin: null, faults: [{ reason: expect.stringContaining('ENOENT') as string }] },
      ],
    });
  });

  it('is wrong without a file', async () => {
    expect(await kdp('validate')).toMatchObject({ code: 2, err: expect.stringContaining("'file'") as string });
  });

  it('runs as a program', async () => {
    const main = join(import.meta.dirname, '../main.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'validate', await file('gpu.yaml', '')]);
    expect(stdout).toBe(`${directory}/gpu.yaml: valid for gpu, as its name says\n`);
  });
});
