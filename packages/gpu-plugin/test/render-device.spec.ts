// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { chmod, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hostFixture, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseFakeGpuSpec } from '../src/main/fakedev/fake-gpu-spec.ts';
import { fakeGpuTree } from '../src/main/fakedev/fake-gpu-tree.ts';

const script = join(import.meta.dirname, '../scripts/render-device.sh');

describe('render-device.sh', () => {
  let fixture: HostFixture;

  beforeEach(async () => {
    fixture = await hostFixture(fakeGpuTree(parseFakeGpuSpec('{"DevCount":5}')));
    await rm(fixture.path('dev/dri/renderD128'));
    await fixture.write('sys/bus/pci/devices/0000:00:02.0/vendor', '0x10de\n');
    await rm(fixture.path('sys/class/drm/renderD131'));
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  // Left are renderD129 and renderD132: the first node is missing, the third is not Intel's, the fourth unknown to sysfs.
  function run(...args: readonly string[]) {
    const env = { ...process.env, RENDER_DEVICE_ROOT: fixture.root };
    const { status, stdout, stderr } = spawnSync('sh', [script, ...args], { env, encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  it('can be executed', async () => {
    expect((await stat(script)).mode & 0o111).toBe(0o111);
  });

  it.each([
    ['1', '/dev/dri/renderD129\n'],
    ['2', '/dev/dri/renderD132\n'],
    ['02', '/dev/dri/renderD132\n'],
  ])('prints the node of GPU %s', (number, node) => {
    expect(run(number)).toEqual({ status: 0, stdout: node, stderr: '' });
  });

  it.each([
    [['3'], '2 Intel GPU(s) found, not 3'],
    [['127'], '2 Intel GPU(s) found, not 127'],
    [['0'], 'GPU number 0 is not from 1 to 127'],
    [['128'], 'GPU number 128 is not from 1 to 127'],
    [['99999999999999999999'], 'is not from 1 to 127'],
    [[], '2 Intel GPU(s) found; say which'],
    [['vainfo'], 'the program, or its option'],
    [['1', 'vainfo'], 'the program, or its option'],
  ])('says of %j what is wrong', (args, text) => {
    const { status, stdout, stderr } = run(...args);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(text);
    expect(stderr).toContain('Usage:');
  });

  it.each([
    [['echo', '--device'], '--device /dev/dri/renderD129\n'],
    [['2', 'echo', '--device'], '--device /dev/dri/renderD132\n'],
    [['1', 'printf', '<%s>', 'a b', ''], '<a b><></dev/dri/renderD129>'],
  ])('runs %j with the node behind', (args, stdout) => {
    const outcome = run(...args);
    expect(outcome).toMatchObject({ status: 0, stdout });
    expect(outcome.stderr).toContain('Running: ');
  });

  it('exits as the program does', () => {
    expect(run('sh', '-c', 'exit 7').status).toBe(7);
  });

  if (process.getuid?.() === 0)
    console.warn('SKIPPED: a node that cannot be written to is not tried: root may write to it');
  it.runIf(process.getuid?.() !== 0)('leaves out a node that cannot be written to', async () => {
    await chmod(fixture.path('dev/dri/renderD129'), 0o444);
    expect(run('1').stdout).toBe('/dev/dri/renderD132\n');
  });
});
