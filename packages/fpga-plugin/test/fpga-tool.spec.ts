// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import type { Remark } from '@kube-device-plugins/core';
import { gbsFile } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fpgaStructs } from '../src/main/ioctl/fpga-structs.ts';
import { encodeStruct } from '../src/main/ioctl/struct-layout.ts';
import type { ToolContext } from '../src/main/tool/tool-context.ts';
import { allOnes, ce48, d842, f7df } from './fixtures/fpga-host.ts';
import { board, ProgramWorld } from './program-world.ts';
import { runTool } from './run-tool.ts';

const card = board('dfl', ce48, { 0: d842, 1: d842 });

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

  const run = (command: string, flags: Partial<ToolContext['flags']> = {}) => runTool(world, command, flags);

  describe('list', () => {
    it.each([
      ['list', 'Detected FPGA FMEs: 1\ndfl-fme.0\nDetected FPGA Ports: 2\ndfl-port.0\ndfl-port.1\n'],
      ['list-fme', 'Detected FPGA FMEs: 1\ndfl-fme.0\n'],
      ['list-port', 'Detected FPGA Ports: 2\ndfl-port.0\ndfl-port.1\n'],
    ])('%s prints names and how many there are', async (command, text) => {
      expect(await run(command)).toBe(text);
      expect(await run(command, { q: true })).toBe(text.replaceAll(/Detected.*\n/g, ''));
    });

    it.each([
      ['list', {}, 'Detected FPGA FMEs: 1'],
      ['portinfo', { d: 'dfl-port.1' }, 'dfl-port.1 is no FPGA device of this host; there are: dfl-fme.0, dfl-port.0'],
    ])('%s %j warns why a port is missing', async (command, flags, text) => {
      await world.fixture.remove('dev/dfl-port.1');
      const warned: Remark[] = [];
      const said = await runTool(world, command, flags, warned).catch((error: unknown) => String(error));
      expect(said).toContain(text);
      const reason = 'dfl-port.1 has no device node /dev/dfl-port.1';
      expect(warned).toEqual([{ message: 'FPGA port is left out', subject: 'dfl-port.1', reason }]);
    });

    it('says that there is no driver', async () => {
      await using empty = await ProgramWorld.start([]);
      await expect(runTool(empty, 'list')).rejects.toThrow(
        'there is no driver for FPGAs: neither /sys/class/fpga nor /sys/class/fpga_region is there: load dfl-pci',
      );
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
        'Ports Num          : 2',
        'Socket Id          : ',
        'Bitstream Id       : 0x123',
        'Bitstream Metadata : ',
        'API Version        : 3',
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

    it.each([
      ['dfl-fme.0', 0xb600, /^Name +: dfl-fme\.0\n[^]*^Bitstream Metadata : \n$/m],
      ['dfl-port.0', 0xb600, /^Name +: dfl-port\.0\n[^]*^Accelerator UUID : d842\w+\n$/m],
      ['dfl-port.0', 0xb641, /^Name +: dfl-port\.0\n[^]*^API Version +: 0\n$/m],
    ])('prints what sysfs has of %s before it fails when ioctl %i does', async (d, request, printed) => {
      world.ioctl.answers[request] = () => Promise.reject(Object.assign(new Error('EBUSY: no'), { code: 'EBUSY' }));
      await expect(run('fpgainfo', { d })).rejects.toMatchObject({
        code: 'DEVICE_CALL',
        printed: expect.stringMatching(printed) as unknown,
      });
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

  it.each([
    ['dfl-port.0', board('dfl', ce48, { 0: allOnes })],
    ['dfl-fme.0', board('dfl', allOnes, { 0: d842 })],
  ])('refuses to program when %s does not answer', async (name, silent) => {
    await using broken = await ProgramWorld.start([silent]);
    await expect(runTool(broken, 'pr', { d: 'dfl-port.0', b: gbs })).rejects.toMatchObject({
      code: 'PROGRAMMING_REFUSED',
      message: `${name} does not answer, its id in sysfs is all ones: dmesg may say why`,
    });
    expect(broken.ioctl.calls).toEqual([]);
  });

  it('refuses to program where the engine is not, as in a virtual machine', async () => {
    const alone = board('dfl', ce48, { 0: d842 });
    await using machine = await ProgramWorld.start([{ ...alone, fmes: {} }]);
    const flags = { d: 'dfl-port.0', b: gbs };
    const programming = runTool(machine, 'pr', flags);
    await expect(programming).rejects.toThrow('dfl-port.0 has no management engine on this host');
    expect(await runTool(machine, 'portinfo', { ...flags, q: true })).toMatch(
      /^FME Name +: \nPort Id +: 0\nInterface UUID +: \n/m,
    );
  });

  describe('release and assign', () => {
    it.each([
      ['release', 0x4004_b681],
      ['assign', 0x4004_b682],
    ])('%s the port -p of an engine', async (command, request) => {
      expect(await run(command, { d: 'dfl-fme.0', p: 1 })).toBe('OK\n');
      expect(world.ioctl.calls).toEqual([{ node: world.fixture.path('dev/dfl-fme.0'), request, hex: '01000000' }]);
    });

    it.each(['release', 'assign'])('%s refuses with -dry-run a port that the engine does not have', async (command) => {
      const flags = { d: 'dfl-fme.0', 'dry-run': true };
      expect(await run(command, { ...flags, p: 1 })).toContain('of port 1 of dfl-fme.0 was not done');
      await expect(run(command, { ...flags, p: 2 })).rejects.toMatchObject({
        code: 'PROGRAMMING_REFUSED',
        message: 'dfl-fme.0 has no port 2: its ports_num is 2, and the first one is 0',
      });
      await world.fixture.remove('sys/devices/pci0000:3b/0000:3b:00.0/fpga_region/region0/dfl-fme.0/ports_num');
      expect(await run(command, { ...flags, p: 999 })).toContain('of port 999');
      expect(world.ioctl.calls).toEqual([]);
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
