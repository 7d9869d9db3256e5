// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dir } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { DoctorNode } from '../../test/doctor-node.ts';
import { kdp } from '../../test/recording-context.ts';

const root = join(import.meta.dirname, '../../../..');

describe('kdp doctor', () => {
  it('says what is wrong, why it matters and what mends it, as the guide shows it, and exits 1', async () => {
    await using node = await DoctorNode.create();
    const {
      code,
      output: stdout,
      errors: stderr,
    } = await kdp(['doctor', 'qat', '--prefix', node.fixture.root, '--pid', '4711']);
    const guide = await readFile(join(root, 'docs/guides/debug-a-node.md'), 'utf8');
    const [, shown] = /\$ kdp doctor qat --prefix \/host --pid 4711\n(.*?)```/s.exec(guide) ?? [];
    expect(node.asOnNode(stdout)).toBe(shown);
    expect([code, stderr]).toEqual([1, '']);
  });

  it('exits 0 where there is no problem, and asks all plugins when none is named', async () => {
    await using node = await DoctorNode.create({
      'sys/module/vfio_pci/parameters/disable_denylist': 'Y',
      'dev/kmsg': '',
    });
    const { code, output: stdout } = await kdp(['doctor', '--prefix', node.fixture.root]);
    expect(stdout).toMatch(/^0 problems, /m);
    expect(stdout.match(/^For .*:$/gm)).toEqual([
      'For any plugin:',
      ...['fpga', 'gpu', 'qat', 'simple'].map((name) => `For ${name}-plugin:`),
    ]);
    expect(code).toBe(0);
  });

  it('prints JSON, with everything of each check', async () => {
    await using node = await DoctorNode.create();
    const args = ['gpu-plugin', 'gpu', '--prefix', node.fixture.root, '-o', 'json', '--cdi-dir', '/nowhere'];
    const { code, output: stdout } = await kdp(['doctor', ...args]);
    const { checks } = JSON.parse(stdout) as { readonly checks: readonly Readonly<Record<string, string>>[] };
    expect(code).toBe(0);
    expect(checks).toContainEqual({
      for: 'any plugin',
      id: 'cdi-dir',
      what: 'the directory for CDI specs',
      state: 'warning',
      found: '/nowhere is not there; a plugin makes it below / when it needs it',
      why: expect.any(String) as unknown,
      remedy: expect.any(String) as unknown,
    });
    expect(checks.filter(({ for: name }) => name !== 'any plugin').map(({ id }) => id)).toEqual([
      'gpu-driver',
      'gpu-nodes',
    ]);
  });

  it.each([
    [['gpuu'], 'there is no plugin "gpuu", only fpga, gpu, qat, simple; did you mean gpu?'],
    [['--pid', '0x1'], '--pid must be the number of a process'],
    [['--pid', '4194305'], '--pid must be a process that runs: there is no /proc/4194305'],
    [['__proto__'], 'there is no plugin "__proto__", only'],
    [['--prefix', 'host'], '--prefix must be an absolute path'],
    [['--device-plugin-path', 'plugins'], '--device-plugin-path must be an absolute path'],
    [['-o', 'xml'], 'Allowed choices are table, json'],
  ])('exits 2 on %j', async (args, message) => {
    const { code, output: stdout, errors: stderr } = await kdp(['doctor', ...args]);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, '']);
  });

  it('prints nothing when it is interrupted', async () => {
    const run = await kdp(['doctor'], { signal: AbortSignal.abort() });
    expect(run).toMatchObject({ code: 130, output: '', errors: '' });
  });

  it('changes nothing, as a process, on a node without a kubelet', async () => {
    await using node = await DoctorNode.create({ 'elsewhere/plugins': dir() });
    const args = ['doctor', 'simple', '--prefix', node.fixture.root, '--device-plugin-path', '/elsewhere/plugins'];
    const run = promisify(execFile)(process.execPath, [join(root, 'packages/cli/src/main.ts'), ...args]);
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: '',
      stdout: expect.stringMatching(
        /PROBLEM kubelet-socket +\/elsewhere\/plugins\/kubelet.sock is not there/,
      ) as unknown,
    });
  });
});
