// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dir, hostFixture, link, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gen4, pfTree } from './fake-kernel.ts';

/** As the image has it. `npm test` builds first. */
const program = join(import.meta.dirname, '../../../dist/qat-plugin/qat-init.mjs');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A tree of plain files: a virtual function is there, and nothing that is written has an effect. */
const vf = 'sys/bus/pci/devices/0000:6b:00.1';
const tree = {
  ...pfTree({ ...gen4, numVfs: 1, totalVfs: 1 }),
  'sys/bus/pci/devices/0000:6b:00.0/virtfn0': link('../0000:6b:00.1'),
  [`${vf}/driver`]: link('../../drivers/vfio-pci'),
  'sys/bus/pci/drivers/vfio-pci': dir(),
  'conf/qat.conf': 'ServicesEnabled=dc\n',
};

describe('dist/qat-plugin/qat-init.mjs', () => {
  let fixture: HostFixture;

  beforeEach(async () => {
    fixture = await hostFixture(tree);
  });
  afterEach(() => fixture.dispose());

  function run(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const flags = ['-prefix', fixture.root, '-config-dir', fixture.path('conf'), ...args];
    return new Promise((resolve) => {
      execFile(process.execPath, [program, ...flags], { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }
  const read = (name: string) => readFile(fixture.path(`sys/bus/pci/devices/0000:6b:00.0/${name}`), 'utf8');

  it('ends with 0 on a node that is set up, and writes nothing', async () => {
    const { code, stdout, stderr } = await run([], { NODE_NAME: 'node1' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/devices are set up.*steps=0/);
    expect(await run(['-dry-run'])).toMatchObject({ code: 0, stdout: 'nothing to do\n' });
    expect(await read('qat/state')).toBe('up\n');
  });

  it('prints what it would do with -dry-run, and does it without', async () => {
    await fixture.write('conf/qat-node1.conf', 'AutoresetEnabled=on\n');
    const env = { NODE_NAME: 'node1' };
    expect(await run(['-dry-run'], env)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^write "on" to \/sys\/.*\/auto_reset: .*qat-node1\.conf: AutoresetEnabled\)\n$/,
      ) as unknown,
    });
    expect(await read('qat/auto_reset')).toBe('off\n');
    expect(await run([], env)).toMatchObject({ code: 0 });
    expect(await read('qat/auto_reset')).toBe('on');
  });

  it('says which configuration it has read, and that NODE_NAME is not set', async () => {
    expect((await run()).stderr).toMatch(
      /configuration is read" from=\["[^"]*\/conf\/qat\.conf"\]\n.*NODE_NAME is not set/,
    );
    await fixture.remove('conf/qat.conf');
    const { stderr } = await run([], { NODE_NAME: 'node1' });
    expect(stderr).toMatch(/there is no configuration.*qat\.conf.*qat-node1\.conf/);
    expect(stderr).not.toContain('NODE_NAME');
  });

  it('says in its help how it ends', async () => {
    const { code, stdout } = await run(['-h']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/0 {2}done, or help shown\n.*1 {2}.*a signal stopped it/);
  });

  it('ends with 1 when a write has no effect, and says what was done', async () => {
    await fixture.write('conf/qat.conf', 'ServicesEnabled=sym\nNumVFs=1\n');
    await fixture.remove(`${vf}/driver`);
    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /\nE.*cannot bind 0000:6b:00\.1 to vfio-pci.*done before: write "down" to .*, write "sym" to /,
    );
    expect(await read('qat/cfg_services')).toBe('sym');
  });

  it('ends with 1 for a configuration that cannot be, and writes nothing', async () => {
    await fixture.write('conf/qat.conf', 'ServicesEnabled=decomp\n');
    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toContain(
      `${fixture.path('conf/qat.conf')}: ServicesEnabled: "decomp" is not possible: 4xxx devices`,
    );
    expect(await read('qat/cfg_services')).toBe('dc\n');
  });

  it.each([
    [['-no-such-flag'], {}, 'flag provided but not defined: -no-such-flag'],
    [['-config-dir', '/nowhere/conf'], {}, 'the directory of -config-dir does not exist: /nowhere/conf'],
    [[], { ENABLED_QAT_PF_PCIIDS: 'beef' }, 'ENABLED_QAT_PF_PCIIDS has "beef"'],
    [[], { NODE_NAME: '../../etc' }, 'NODE_NAME is "../../etc"'],
  ])('ends with 2 for %j %j', async (args, env, message) => {
    const { code, stderr } = await run(args, env);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
