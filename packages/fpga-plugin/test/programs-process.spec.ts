// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gbsFile } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ce48, d842, f7df } from './fixtures/fpga-host.ts';
import { board, ProgramWorld } from './program-world.ts';

/** As the image has them. `npm test` builds first. */
const dist = join(import.meta.dirname, '../../../dist/fpga-plugin');
const card = board('dfl', ce48, { 0: d842, 1: f7df });
const wish = (afuId: string) => [`FPGA_REGION_1=${ce48}`, `FPGA_AFU_1=${afuId}`];

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('programs in dist/fpga-plugin', () => {
  let world: ProgramWorld;

  beforeEach(async () => {
    world = await ProgramWorld.start([card]);
    // Away from the workspace, so that no node_modules is in reach.
    for (const file of ['fpga-crihook.mjs', 'fpga-tool.mjs', 'koffi.node'])
      await cp(join(dist, file), world.fixture.path(file));
  });
  afterEach(() => world[Symbol.asyncDispose]());

  function run(program: string, args: readonly string[], input = ''): Promise<Ended> {
    const { root } = world.fixture;
    return new Promise((resolve) => {
      const all = [join(root, `${program}.mjs`), '-prefix', root, ...args];
      const child = execFile(process.execPath, all, { env: {} }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
      child.stdin?.on('error', () => undefined).end(input);
    });
  }
  const hook = (state: string, ...args: string[]) =>
    run('fpga-crihook', ['-bitstreams', world.bitstreamDirectory, ...args], state);

  describe('fpga-crihook', () => {
    it('ends with 0 when the function is there', async () => {
      const { code, stdout, stderr } = await hook(await world.state(wish(f7df), ['dfl-port.0', 'dfl-port.1']));
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
      expect(stderr).toContain('"FPGA port has its function already" port="dfl-port.1"');
    });

    it('programs with an ioctl of its own, which a plain file refuses', async () => {
      await world.install(ce48, f7df);
      const state = await world.state(wish(f7df), ['dfl-port.0']);
      const { code, stderr } = await hook(state);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^E.*programPort of .*\/dev\/dfl-fme\.0 failed, ENOTTY: ioctl 0xb680 on /m);
      expect(await hook(state, '-dry-run')).toMatchObject({ code: 0 });
    });

    it.each([
      ['the state of the container on standard input is not JSON', ''],
      ['the state of the container names no bundle', '{}'],
      ['cannot read /no/such/bundle/config.json: ENOENT', '{"bundle":"/no/such/bundle"}'],
      ['standard input has more than 1048576 bytes', ' '.repeat(2_000_000)],
    ])('ends with 1 when %s', async (message, state) => {
      const { code, stdout, stderr } = await hook(state);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(message);
    });

    it.each([
      [['PATH=/bin'], ['dfl-port.0'], 'the container has no FPGA_REGION_1'],
      [[`FPGA_REGION_1=${ce48}`], ['dfl-port.0'], 'the container has no FPGA_AFU_1'],
      [wish(f7df), ['null'], 'no port is left for FPGA_REGION_1'],
      [wish(f7df), ['dfl-port.0'], 'no bitstream is installed for region ce48'],
    ])('ends with 1 for %j and %j', async (env, devices, message) => {
      const { code, stderr } = await hook(await world.state(env, devices));
      expect(code).toBe(1);
      expect(stderr).toContain(message);
    });
  });

  describe('fpga_tool', () => {
    it('shows, installs and finds; no device and no native file is needed for that', async () => {
      const gbs = world.fixture.path('nlb.gbs');
      await writeFile(gbs, gbsFile({ interfaceId: ce48, afuId: f7df }));
      await world.fixture.remove('koffi.node');
      expect(await run('fpga-tool', ['-b', gbs, 'info'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(f7df) as unknown,
      });
      expect(await run('fpga-tool', ['-b', gbs, 'install'])).toMatchObject({ code: 0, stderr: '' });
      expect(await run('fpga-tool', ['-b', gbs, 'install'])).toMatchObject({ code: 1 });
      expect(await run('fpga-tool', ['-q', 'list'])).toMatchObject({
        code: 0,
        stdout: 'dfl-fme.0\ndfl-port.0\ndfl-port.1\n',
      });
    });

    it.each([
      [['-d', 'dfl-port.0', 'fpgainfo'], 1, 'getApiVersion of .* failed, ENOTTY'],
      [['-d', 'dfl-fme.0', '-p', '1', 'release'], 1, 'releasePort of .*dfl-fme.0 failed, ENOTTY: ioctl 0x4004b681'],
      [[], 1, 'no command; '],
      [['pr'], 1, '-d <device> is missing'],
      [['-no-such-flag', 'list'], 2, 'flag provided but not defined: -no-such-flag'],
      [['-p', '65536', 'list'], 2, 'must be at most 65535'],
    ])('%j ends with %i', async (args, code, message) => {
      expect(await run('fpga-tool', args)).toMatchObject({ code, stderr: expect.stringMatching(message) as unknown });
    });

    it.each(['fpga-tool', 'fpga-crihook'])('%s has help', async (program) => {
      const { code, stdout } = await run(program, ['-h']);
      expect(code).toBe(0);
      expect(stdout).toContain('Examples:');
    });
  });
});
