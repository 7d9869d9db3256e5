// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { aocxFile, gbsFile } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ToolContext } from '../src/main/tool/tool-context.ts';
import { ce48, d842, f7df } from './fixtures/fpga-host.ts';
import { board, ProgramWorld } from './program-world.ts';
import { runTool } from './run-tool.ts';

const card = board('dfl', ce48, { 0: d842, 1: d842 });

describe('fpga_tool of bitstreams', () => {
  let world: ProgramWorld;
  let gbs: string;

  beforeEach(async () => {
    world = await ProgramWorld.start([card]);
    gbs = world.fixture.path('nlb.gbs');
    await writeFile(gbs, gbsFile({ interfaceId: ce48, afuId: f7df, payload: Buffer.from(f7df) }));
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const run = (command: string, flags: Partial<ToolContext['flags']> = {}) => runTool(world, command, flags);

  describe('info', () => {
    it('prints what a bitstream is and where it belongs, and less with -q', async () => {
      const lines = [
        `Bitstream file        : ${gbs}`,
        `Interface UUID        : ${ce48}`,
        `Accelerator Type UUID : ${f7df}`,
        `Unique UUID           : ${f7df}`,
        `Installation Path     : ${world.bitstreamDirectory}/${ce48}/${f7df}.gbs`,
      ];
      expect(await run('info', { b: gbs, q: true })).toBe(lines.map((line) => `${line}\n`).join(''));
      expect(await run('info', { b: gbs })).toBe([...lines, 'Size                  : 32', ''].join('\n'));
    });

    it('prints what an OpenCL compiler says', async () => {
      const path = world.fixture.path('kernel.aocx');
      await writeFile(path, aocxFile(gbsFile({ interfaceId: ce48, afuId: f7df })));
      const text = await run('info', { b: path });
      expect(text).toMatch(/^Board +: pac_a10$/m);
      expect(text).toMatch(/^Unique UUID +: 40007c0623210742000ebc58df6f5343e668b03a$/m);
      expect(text).toMatch(/^Installation Path +: .*e668b03a\.aocx$/m);
    });

    it.each([
      ['x.gbs', Buffer.alloc(1), 'it is cut off'],
      ['x.aocx', Buffer.alloc(0), 'it is cut off'],
      ['x.bin', Buffer.alloc(0), 'its name should end in .gbs or .aocx'],
      ['missing.gbs', undefined, 'ENOENT'],
    ])('refuses %s', async (name, bytes, message) => {
      const path = world.fixture.path(name);
      if (bytes !== undefined) await writeFile(path, bytes);
      await expect(run('info', { b: path })).rejects.toMatchObject({
        code: 'BITSTREAM_INVALID',
        message: expect.stringMatching(`^cannot use the bitstream ${path}: .*${message}`) as unknown,
      });
    });

    it('refuses a directory', async () => {
      await mkdir(world.fixture.path('dir.gbs'));
      await expect(run('info', { b: world.fixture.path('dir.gbs') })).rejects.toThrow('it is no regular file');
    });
  });

  describe('install', () => {
    const installed = () => `${world.bitstreamDirectory}/${ce48}/${f7df}.gbs`;

    it('copies it for everybody to read, and leaves nothing beside it', async () => {
      await chmod(gbs, 0o600);
      expect(await run('install', { b: gbs })).toBe(`installed as ${installed()}\n`);
      expect(await readFile(installed())).toEqual(await readFile(gbs));
      expect((await stat(installed())).mode & 0o777).toBe(0o644);
      expect(await readdir(`${world.bitstreamDirectory}/${ce48}`)).toEqual([`${f7df}.gbs`]);
    });

    it('replaces one with -force only', async () => {
      await run('install', { b: gbs });
      await writeFile(gbs, gbsFile({ interfaceId: ce48, afuId: f7df, payload: Buffer.from('newer') }));
      await expect(run('install', { b: gbs })).rejects.toMatchObject({
        code: 'PROGRAMMING_REFUSED',
        message: `${installed()} is installed already: -force replaces it`,
      });
      expect(await run('install', { b: gbs, force: true, q: true })).toBe('');
      expect((await readFile(installed())).subarray(-5).toString()).toBe('newer');
      expect(await readdir(`${world.bitstreamDirectory}/${ce48}`)).toEqual([`${f7df}.gbs`]);
    });

    it.each([true, false])('writes nothing with -dry-run, also with -q=%s', async (q) => {
      expect(await run('install', { b: gbs, 'dry-run': true, q })).toBe(
        q ? '' : `would be installed as ${installed()}\n`,
      );
      await expect(stat(installed())).rejects.toThrow('ENOENT');
    });

    describe.each([true, false])('with -dry-run=%s', (dryRun) => {
      const install = (flags = {}) => run('install', { b: gbs, 'dry-run': dryRun, ...flags });

      it('refuses what is installed without -force, and leaves it as it is', async () => {
        await world.fixture.write(`srv/intel.com/fpga/${ce48}/${f7df}.gbs`, 'older');
        await expect(install()).rejects.toMatchObject({
          code: 'PROGRAMMING_REFUSED',
          message: `${installed()} is installed already: -force replaces it`,
        });
        expect(await readFile(installed(), 'utf8')).toBe('older');
        expect(await install({ force: true })).toContain(installed());
        expect((await readFile(installed(), 'utf8')) === 'older').toBe(dryRun);
      });

      it.each([
        ['srv/intel.com', {}, 'ENOTDIR'],
        [`srv/intel.com/fpga/${ce48}`, {}, 'ENOTDIR'],
        [`srv/intel.com/fpga/${ce48}/${f7df}.gbs/file`, { force: true }, 'a directory is in its place'],
      ])('says that %s stands in the way', async (path, flags, reason) => {
        await world.fixture.write(path, 'a file');
        await expect(install(flags)).rejects.toMatchObject({
          code: 'FILE_WRITE',
          message: `cannot install ${gbs} as ${installed()}`,
          cause: expect.objectContaining({ message: expect.stringContaining(reason) as unknown }) as unknown,
        });
      });

      if (process.getuid?.() === 0)
        console.warn('SKIPPED: a directory without write permission is not tried: root may write to it');
      it.skipIf(process.getuid?.() === 0)('refuses a directory that may not be written', async () => {
        await mkdir(world.bitstreamDirectory, { recursive: true });
        await chmod(world.bitstreamDirectory, 0o555);
        await expect(install()).rejects.toMatchObject({ code: 'FILE_WRITE', cause: { code: 'EACCES' } });
      });
    });
  });
});
