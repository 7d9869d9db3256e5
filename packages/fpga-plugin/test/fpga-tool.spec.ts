// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { aocxFile, gbsFile } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fpgaStructs } from '../src/main/ioctl/fpga-structs.ts';
import { encodeStruct } from '../src/main/ioctl/struct-layout.ts';
import { runToolCommand } from '../src/main/tool/tool-commands.ts';
import type { ToolContext } from '../src/main/tool/tool-context.ts';
import { ce48, d842, f7df } from './fixtures/fpga-host.ts';
import { board, ProgramWorld } from './program-world.ts';

const card = board('dfl', ce48, { 0: d842, 1: d842 });
const none = { b: '', d: '', 'dry-run': false, force: false, p: 0, prefix: '', q: false };

describe('fpga_tool', () => {
  let world: ProgramWorld;
  let gbs: string;

  beforeEach(async () => {
    world = await ProgramWorld.start([card], {
      'sys/devices/pci0000:3b/0000:3b:00.0/fpga_region/region0/dfl-fme.0/ports_num': '2\n',
      'sys/devices/pci0000:3b/0000:3b:00.0/fpga_region/region0/dfl-fme.0/bitstream_id': '0x123\n',
    });
    gbs = world.fixture.path('nlb.gbs');
    await writeFile(gbs, gbsFile({ interfaceId: ce48, afuId: f7df, payload: Buffer.from(f7df) }));
  });
  afterEach(() => world[Symbol.asyncDispose]());

  async function run(command: string, flags: Partial<ToolContext['flags']> = {}): Promise<string> {
    let printed = '';
    const { access, bitstreamDirectory } = world;
    const print = (text: string) => (printed += text);
    const args = command.split(' ').filter((arg) => arg !== '');
    try {
      await runToolCommand(args, { access, bitstreamDirectory, flags: { ...none, ...flags }, print });
    } catch (error) {
      throw Object.assign(error as Error, { printed });
    }
    return printed;
  }

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

    it('says what stands in the way', async () => {
      await world.fixture.write('srv/intel.com', 'a file');
      await expect(run('install', { b: gbs })).rejects.toMatchObject({ code: 'FILE_WRITE' });
    });
  });

  describe('list', () => {
    it.each([
      ['list', 'Detected FPGA FMEs: 1\ndfl-fme.0\nDetected FPGA Ports: 2\ndfl-port.0\ndfl-port.1\n'],
      ['list-fme', 'Detected FPGA FMEs: 1\ndfl-fme.0\n'],
      ['list-port', 'Detected FPGA Ports: 2\ndfl-port.0\ndfl-port.1\n'],
    ])('%s prints names and how many there are', async (command, text) => {
      expect(await run(command)).toBe(text);
      expect(await run(command, { q: true })).toBe(text.replaceAll(/Detected.*\n/g, ''));
    });

    it('says that there is no driver', async () => {
      await using empty = await ProgramWorld.start([]);
      const { access, bitstreamDirectory } = empty;
      const running = runToolCommand(['list'], { access, bitstreamDirectory, flags: none, print: () => undefined });
      await expect(running).rejects.toThrow('there is no driver for FPGAs');
    });
  });

  describe('fpgainfo', () => {
    it('prints what there is to know of an engine', async () => {
      world.ioctl.answers[0xb600] = () => 3;
      expect((await run('fmeinfo', { d: 'dfl-fme.0' })).split('\n')).toEqual([
        'Name               : dfl-fme.0',
        'Device Node        : /dev/dfl-fme.0',
        'SysFS Path         : /sys/devices/pci0000:3b/0000:3b:00.0/fpga_region/region0/dfl-fme.0',
        'PCI Device         : 0000:3b:00.0',
        `Interface UUID     : ${ce48}`,
        'API Version        : 3',
        'Ports Num          : 2',
        'Socket Id          : ',
        'Bitstream Id       : 0x123',
        'Bitstream Metadata : ',
        '',
      ]);
    });

    it('prints what there is to know of a port', async () => {
      world.ioctl.answers[0xb641] = (bytes) => bytes.writeUInt32LE(1, 8) * 0;
      world.ioctl.answers[0xb642] = (bytes) =>
        encodeStruct(fpgaStructs.regionInfo, { flags: 7, size: 4096 }).copy(bytes);
      const text = await run('portinfo', { d: '/dev/dfl-port.1' });
      expect(text).toMatch(
        /^FME Name +: dfl-fme\.0\nPort Id +: 1\nInterface UUID +: ce48\w+\nAccelerator UUID +: d842/m,
      );
      expect(text).toMatch(/^API Version +: 0\nRegion 0 +: 4096 bytes, rwm\n$/m);
    });

    it.each(['dfl-fme.0', 'dfl-port.0'])('asks no driver of %s with -q', async (d) => {
      expect(await run('fpgainfo', { d, q: true })).toMatch(`Name `);
      expect(world.ioctl.calls).toEqual([]);
    });

    it.each(['/etc/passwd', 'dfl-port.9', '../../dev/null', '/dev'])(
      'opens nothing but FPGAs, and not %s',
      async (d) => {
        await expect(run('fpgainfo', { d })).rejects.toMatchObject({
          code: 'PROGRAMMING_REFUSED',
          message: `${d} is no FPGA device of this host; there are: dfl-fme.0, dfl-port.0, dfl-port.1`,
        });
        expect(world.ioctl.calls).toEqual([]);
      },
    );
  });

  describe('pr', () => {
    it('programs the port and says how it went', async () => {
      world.programs(card);
      const text = await run('pr', { d: 'dfl-port.1', b: gbs });
      expect(text).toMatch(/^Accelerator UUID before : d842\w+\nAccelerator UUID after +: f7df\w+\nOK\n$/m);
      expect(await run('portinfo', { d: 'dfl-port.1', q: true })).toContain(f7df);
      expect(world.ioctl.calls.map(({ hex }) => hex?.slice(0, 32))).toEqual(['18000000000000000100000020000000']);
    });

    it('says FAILED when the function is another one afterwards', async () => {
      await expect(run('pr', { d: 'dfl-port.1', b: gbs })).rejects.toMatchObject({
        code: 'DEVICE_CALL',
        printed: expect.stringMatching(/FAILED\n$/) as unknown,
      });
    });

    it.each([
      [{}, /Dry run: nothing was programmed\n$/],
      [{ q: true }, /^$/],
    ])('programs nothing with -dry-run %j', async (flags, text) => {
      expect(await run('pr', { d: 'dfl-port.1', b: gbs, 'dry-run': true, ...flags })).toMatch(text);
      expect(world.ioctl.calls).toEqual([]);
    });

    it('refuses a bitstream for another region, an engine, and to go without -d or -b', async () => {
      const other = world.fixture.path('other.gbs');
      await writeFile(other, gbsFile({ interfaceId: d842, afuId: f7df }));
      await expect(run('pr', { d: 'dfl-port.0', b: other })).rejects.toThrow(`and dfl-port.0 is in region ${ce48}`);
      await expect(run('pr', { d: 'dfl-fme.0', b: gbs })).rejects.toThrow('dfl-fme.0 is a management engine: ');
      await expect(run('pr', { d: 'dfl-port.0' })).rejects.toThrow('-b <bitstream file> is missing');
      await expect(run('pr', { b: gbs })).rejects.toThrow('-d <device> is missing');
      expect(world.ioctl.calls).toEqual([]);
    });
  });

  it('refuses to program where the engine is not, as in a virtual machine', async () => {
    const alone = board('dfl', ce48, { 0: d842 });
    await using machine = await ProgramWorld.start([{ ...alone, fmes: {} }]);
    const flags = { ...none, d: 'dfl-port.0', b: gbs };
    const { access, bitstreamDirectory } = machine;
    let printed = '';
    const print = (text: string) => (printed += text);
    const programming = runToolCommand(['pr'], { access, bitstreamDirectory, flags, print });
    await expect(programming).rejects.toThrow('dfl-port.0 has no management engine on this host');
    await runToolCommand(['portinfo'], { access, bitstreamDirectory, flags: { ...flags, q: true }, print });
    expect(printed).toMatch(/^FME Name +: \nPort Id +: 0\nInterface UUID +: \n/m);
  });

  describe('release and assign', () => {
    it.each([
      ['release', 0x4004_b681],
      ['assign', 0x4004_b682],
    ])('%s the port -p of an engine', async (command, request) => {
      expect(await run(command, { d: 'dfl-fme.0', p: 1 })).toBe('OK\n');
      expect(world.ioctl.calls).toEqual([{ node: world.fixture.path('dev/dfl-fme.0'), request, hex: '01000000' }]);
    });

    it('does nothing with -dry-run, and refuses a port for an engine', async () => {
      expect(await run('release', { d: 'dfl-fme.0', 'dry-run': true })).toMatch(/^Dry run: releasePort of port 0/);
      expect(await run('release', { d: 'dfl-fme.0', 'dry-run': true, q: true })).toBe('');
      await expect(run('assign', { d: 'dfl-port.0' })).rejects.toThrow('dfl-port.0 is a port: ');
      expect(world.ioctl.calls).toEqual([]);
    });
  });

  it.each([
    ['', /^no command; .*: info, install, list, /],
    ['burn', /^"burn" is no command; /],
    ['constructor', /is no command/],
    ['list -q', /^"list -q" is no command; flags stand in front of it/],
  ])('refuses the arguments "%s"', async (args, message) => {
    await expect(run(args)).rejects.toMatchObject({
      code: 'PROGRAMMING_REFUSED',
      message: expect.stringMatching(message) as unknown,
    });
  });
});
