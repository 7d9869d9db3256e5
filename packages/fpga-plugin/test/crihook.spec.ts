// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { aocxFile, aocxSections, gbsFile } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { programContainer } from '../src/main/crihook/program-container.ts';
import { ce48, d842, f7df } from './fixtures/fpga-host.ts';
import { board, ProgramWorld } from './program-world.ts';

const never = new AbortController().signal;
const wishing = (count: number, afuId: string = f7df) =>
  Array.from({ length: count }, (_, index) => [
    `FPGA_REGION_${index + 1}=${ce48}`,
    `FPGA_AFU_${index + 1}=${afuId}`,
  ]).flat();

function run(world: ProgramWorld, state: string, { dryRun = false, signal = never } = {}): Promise<void> {
  return programContainer(world.access, state, { bitstreamDirectory: world.bitstreamDirectory, dryRun }, signal);
}
const portIds = (world: ProgramWorld) =>
  world.ioctl.calls.map(({ hex = '' }) => Buffer.from(hex, 'hex').readUInt32LE(8));

describe.each([
  ['opae', 'intel-fpga-fme.0', 'intel-fpga-port.', 0xb580],
  ['dfl', 'dfl-fme.0', 'dfl-port.', 0xb680],
] as const)('programContainer() with %s', (driver, fme, port, request) => {
  const card = board(driver, ce48, { 0: d842, 1: d842, 2: f7df });

  it('programs the port through its engine, and sees that the function is there', async () => {
    await using world = await ProgramWorld.start([card]);
    await world.install(ce48, f7df);
    world.programs(card);
    await run(world, await world.state(wishing(1), [`${port}1`]));
    expect(world.ioctl.calls).toMatchObject([
      { node: world.fixture.path(`dev/${fme}`), request, pointer: { offset: 16, target: Buffer.from(f7df) } },
    ]);
    expect(portIds(world)).toEqual([1]);
    expect(await readFile(world.fixture.path(world.afuFile(card, 1)), 'utf8')).toBe(`${f7df}\n`);
  });

  it('programs every region that is wished, each in a port of its own, and leaves alone what is right', async () => {
    await using world = await ProgramWorld.start([card]);
    await world.install(ce48, f7df);
    world.programs(card);
    await run(
      world,
      await world.state(
        wishing(3),
        [0, 1, 2].map((number) => `${port}${number}`),
      ),
    );
    expect(portIds(world)).toEqual([0, 1]);
  });

  it('rejects when the function is another one afterwards', async () => {
    await using world = await ProgramWorld.start([card]);
    await world.install(ce48, f7df);
    world.programs(card, () => d842);
    await expect(run(world, await world.state(wishing(1), [`${port}0`]))).rejects.toMatchObject({
      code: 'DEVICE_CALL',
      message: expect.stringMatching(
        `${port}0 was programmed with .*${f7df}.gbs, and has function ${d842} instead of`,
      ) as unknown,
    });
  });
});

describe('programContainer()', () => {
  const card = board('dfl', ce48, { 0: d842, 1: f7df });
  const both = ['dfl-port.0', 'dfl-port.1'];

  it('programs nothing from a file whose function is another one than its name says', async () => {
    await using world = await ProgramWorld.start([card]);
    const other = 'a'.repeat(32);
    await mkdir(`${world.bitstreamDirectory}/${ce48}`, { recursive: true });
    await writeFile(`${world.bitstreamDirectory}/${ce48}/${other}.gbs`, gbsFile({ interfaceId: ce48, afuId: d842 }));
    await expect(run(world, await world.state(wishing(1, other), both))).rejects.toMatchObject({
      code: 'PROGRAMMING_REFUSED',
      message: expect.stringContaining(`has function ${d842}, and FPGA_AFU_1 wants ${other}`) as unknown,
    });
    expect(world.ioctl.calls).toEqual([]);
  });

  it('has nothing to do when the function is there, and needs no bitstream then', async () => {
    await using world = await ProgramWorld.start([card]);
    await run(world, await world.state(wishing(1), both));
    expect(world.ioctl.calls).toEqual([]);
  });

  it('checks all and programs nothing with dryRun', async () => {
    await using world = await ProgramWorld.start([card]);
    const state = await world.state(wishing(2), both);
    await expect(run(world, state, { dryRun: true })).rejects.toMatchObject({ code: 'PROGRAMMING_REFUSED' });
    await world.install(ce48, f7df);
    await run(world, state, { dryRun: true });
    expect(world.ioctl.calls).toEqual([]);
  });

  it('programs nothing when one of several cannot be', async () => {
    await using world = await ProgramWorld.start([card]);
    const e842 = d842.replace('d', 'e');
    await world.install(ce48, e842);
    const env = [...wishing(1, e842), `FPGA_REGION_2=${ce48}`, 'FPGA_AFU_2=0123456789abcdef'];
    await expect(run(world, await world.state(env, both))).rejects.toThrow(
      /^no bitstream is installed for region ce48.* and function 0123456789abcdef: looked for .*\.gbs and .*\.aocx$/,
    );
    expect(world.ioctl.calls).toEqual([]);
  });

  it('refuses a bitstream that was installed for another region than its own', async () => {
    await using world = await ProgramWorld.start([card]);
    await world.install(ce48, f7df, d842);
    const state = await world.state(wishing(1), ['dfl-port.0']);
    await expect(run(world, state)).rejects.toThrow(`is for region ${d842}, and dfl-port.0 is in region ${ce48}`);
  });

  it('programs an OpenCL kernel, which is named by its hash', async () => {
    await using world = await ProgramWorld.start([card]);
    const hash = aocxSections['.acl.rand_hash'].trim();
    const aocx = aocxFile(gbsFile({ interfaceId: ce48, afuId: f7df, payload: Buffer.from(f7df) }));
    await mkdir(`${world.bitstreamDirectory}/${ce48}`, { recursive: true });
    await writeFile(`${world.bitstreamDirectory}/${ce48}/${hash}.aocx`, aocx);
    world.programs(card);
    await run(world, await world.state(wishing(1, hash), ['dfl-port.0']));
    expect(world.ioctl.calls).toMatchObject([{ pointer: { target: Buffer.from(f7df) } }]);
  });

  it('looks for no bitstream whose name no file can have', async () => {
    await using world = await ProgramWorld.start([card]);
    await world.install(ce48, d842);
    const state = await world.state(wishing(1, 'ab'.repeat(200)), ['dfl-port.0']);
    await expect(run(world, state)).rejects.toMatchObject({
      code: 'BITSTREAM_INVALID',
      message: expect.stringContaining('cannot look at') as unknown,
    });
  });

  it('rejects when the driver refuses', async () => {
    await using world = await ProgramWorld.start([card]);
    await world.install(ce48, f7df);
    world.ioctl.answers[0xb680] = () => Promise.reject(Object.assign(new Error('EIO: no'), { code: 'EIO' }));
    await expect(run(world, await world.state(wishing(1), ['dfl-port.0']))).rejects.toThrow(
      'the hardware refused the bitstream',
    );
  });

  it('programs nothing more when it is stopped', async () => {
    await using world = await ProgramWorld.start([card]);
    await world.install(ce48, f7df);
    const state = await world.state(wishing(1), ['dfl-port.0']);
    await expect(run(world, state, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(world.ioctl.calls).toEqual([]);
  });

  it('refuses a host without FPGAs, and a port that has no number', async () => {
    await using empty = await ProgramWorld.start([]);
    await expect(run(empty, await empty.state(wishing(1), both))).rejects.toThrow('the container has no FPGA port');
    await using odd = await ProgramWorld.start([{ ...card, files: { 'dfl-port.0/id': 'first' } }]);
    await odd.install(ce48, f7df);
    await expect(run(odd, await odd.state(wishing(1), ['dfl-port.0']))).rejects.toThrow(
      'dfl-port.0/id of dfl-port.0 is no number: "first"',
    );
  });

  it('programs a port on a virtual function through the engine of its physical one', async () => {
    const cards = [
      { driver: 'opae', number: 0, bdf: '0000:42:00.0', fmes: { 0: ce48 } },
      { driver: 'opae', number: 1, bdf: '0000:42:00.1', physicalFunction: '0000:42:00.0', ports: { 5: d842 } },
    ] as const;
    await using world = await ProgramWorld.start(cards);
    await world.install(ce48, f7df);
    world.ioctl.answers[0xb580] = async () => {
      await world.fixture.write(world.afuFile(cards[1], 5), f7df);
      return 0;
    };
    await run(world, await world.state(wishing(1), ['intel-fpga-port.5']));
    expect(world.ioctl.calls).toMatchObject([{ node: world.fixture.path('dev/intel-fpga-fme.0') }]);
  });
});
