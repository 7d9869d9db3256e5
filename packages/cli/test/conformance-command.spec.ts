// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clauses } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../src/run-cli.ts';

const main = join(import.meta.dirname, '../../simple-plugin/src/main.ts');
const flags = [
  '-device-plugin-path',
  '{dir}',
  '-cdi-dir',
  '{cdi}',
  '-prefix',
  '{prefix}',
  '-metrics-bind-address',
  '0',
];
const resource = ['--resource', 'example.com/tty'];

describe('kdp conformance', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kdp-'));
  });

  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  async function kdp(...args: readonly string[]) {
    let [out, err] = ['', ''];
    const exitCode = await runCli(['conformance', ...args], {
      env: process.env,
      signal: new AbortController().signal,
      print: (result) => (out += String(result)),
      printError: (text) => (err += text),
      terminal: undefined,
    });
    return { exitCode, out, err };
  }

  it('lists the clauses, and explains some', async () => {
    const { out, exitCode } = await kdp('--list');
    expect(exitCode).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(clauses.length);
    expect(clauses).toHaveLength(126);
    const explained = await kdp('--explain', 'rb-09');
    expect(explained.out).toMatch(/^RB-09 should cuts neither .*\n {13}Health checks .*\n$/);
    expect((await kdp('--reference')).out).toMatch(/^<!-- .*\n\n# Conformance\n/);
  });

  it.each([
    [['--bogus'], "unknown option '--bogus'"],
    [['--concurrency', '0'], 'It is no whole number above 0.'],
    [['--idle', '-3'], 'It is no whole number above 0.'],
    [['--format', 'html'], 'Allowed choices are text, junit, json.'],
    [['--only', 'XX-99'], 'no clause or group XX-99'],
    [[...resource, '--', 'true'], 'neither the command nor a variable has {dir}'],
    [[...resource, '--', '/nowhere/plugin', '{dir}'], 'the command /nowhere/plugin cannot be started'],
    [['--subject', '/nowhere.json'], '/nowhere.json does not exist'],
    [[...resource, '--hook', 'fail', '--', 'true', '{dir}'], '--hook fail: write name=command'],
  ])('ends with 2 for %j', async (args, message) => {
    const { exitCode, err } = await kdp(...args);
    expect(err).toContain(message);
    expect(exitCode).toBe(2);
  });

  it('ends with 1 when the plugin does not run', async () => {
    const { exitCode, out, err } = await kdp(...resource, '--only', 'RB-10', '--', 'true', '{dir}');
    expect({ exitCode, out, err }).toEqual({
      exitCode: 1,
      out: '',
      err: 'started by true {dir}, the plugin has exited with 0 without a word\n',
    });
  });

  it('tells that in the form that was asked for, too', async () => {
    const why = 'started by true {dir}, the plugin has exited with 0 without a word';
    const args = [...resource, '--only', 'RB-10', '--format'];
    const junit = await kdp(...args, 'junit', '--', 'true', '{dir}');
    expect(junit.exitCode).toBe(1);
    expect(junit.out).toContain('<testsuites tests="1" failures="0" errors="1" skipped="0">');
    expect(junit.out).toContain(`<testcase classname="run" name="begins"><error message="${why}"/></testcase>`);
    const json = await kdp(...args, 'json', '--', 'true', '{dir}');
    expect(JSON.parse(json.out)).toMatchObject({ counts: { passed: 0, failed: 0 }, problem: why, results: [] });
  });

  it('takes hooks from its command line, and tells results as JSON', { timeout: 60_000 }, async () => {
    const config = join(dir, 'config.yaml');
    await writeFile(
      config,
      'resources: [{ name: example.com/tty, devices: [{ path: /dev/tty0 }, { path: /dev/tty1 }] }]',
    );
    const prepare = `prepare=sh -c 'mkdir -p $1/dev && for i in 0 1; do echo c 4:$i > $1/dev/tty$i; done' x {prefix}`;
    const hooks = ['--hook', prepare, '--hook', 'fail=rm {prefix}/dev/{id}'];
    const plugin = [process.execPath, main, ...flags, '-config', config, '-scan-period', '1s'];
    const only = ['--only', 'HE-01,HE-02,AL-05', '--format', 'json', '--profile', '1.30'];
    const { exitCode, out, err } = await kdp(...resource, ...hooks, ...only, '--', ...plugin);
    expect(err).toBe('');
    const report = JSON.parse(out) as { readonly results: unknown[] };
    expect(report).toMatchObject({
      counts: { passed: 2, failed: 0, advised: 0, skipped: 1 },
      skipped: [{ reason: 'needs the hook recover, which was not given', ids: ['HE-02'] }],
    });
    expect(report.results[0]).toMatchObject({ id: 'HE-01', result: 'passed', profile: '1.30' });
    expect(exitCode).toBe(0);
  });
});
