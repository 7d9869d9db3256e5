// SPDX-License-Identifier: Apache-2.0
import { Host, requestRescan, type DeviceInfo, type DeviceTree } from '@kube-device-plugins/core';
import {
  dir,
  hostFixture,
  link,
  RecordingNotifier,
  type FixtureTree,
  type HostFixture,
} from '@kube-device-plugins/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { FpgaMode } from '../src/options/fpga-mode.ts';
import { FpgaPlugin } from '../src/plugin.ts';
import { allOnes, ce48, d842, f7df, fpgaHost, pciDirectory, type CardFixture } from './fixtures/fpga-host.ts';

const card: CardFixture = { driver: 'dfl', number: 0, bdf: '0000:3b:00.0', fmes: { 0: ce48 }, ports: { 0: d842 } };
const [nlb0, nlb3]: readonly [string, string] = [
  'af-ce4.d84.zkiWk5jwXzOUbVYHCL4QithCTcSko8QT-J5DNoP5BAs',
  'af-ce4.f7d.zkiWk5jwXzOUbVYHCL4QivffQFy9es9yIvFEsLk6zRg',
];

let fixture: HostFixture;
let notifier: RecordingNotifier;
let stop: AbortController;
let scanning: Promise<void>;

afterEach(async () => {
  stop.abort();
  await scanning;
  await fixture.dispose();
});

async function start(tree: FixtureTree, mode: FpgaMode = 'af'): Promise<unknown> {
  fixture = await hostFixture(tree);
  notifier = new RecordingNotifier();
  stop = new AbortController();
  const first = notifier.next();
  const options = { mode, node: undefined, scanPeriodMs: 3_600_000 };
  scanning = new FpgaPlugin(new Host(fixture.root), options).scan(notifier, stop.signal);
  return shape(await first);
}

async function scanAgain(): Promise<unknown> {
  const next = notifier.next();
  requestRescan();
  return shape(await next);
}

/** Resource → ids, those of unhealthy devices with a mark. */
function shape(tree: DeviceTree): unknown {
  const marked = ([id, { health }]: [string, DeviceInfo]): string => `${id}${health === 'Healthy' ? '' : '!'}`;
  return Object.fromEntries([...tree.resources].map(([resource, devices]) => [resource, [...devices].map(marked)]));
}

describe('a scan after another', () => {
  it('keeps a resource whose function was replaced, without devices', async () => {
    expect(await start(fpgaHost(card))).toEqual({ [nlb0]: ['dfl-port.0'] });
    await fixture.add(fpgaHost({ ...card, ports: { 0: f7df } }));
    expect(await scanAgain()).toEqual({ [nlb0]: [], [nlb3]: ['dfl-port.0'] });
    await fixture.add(fpgaHost(card));
    expect(await scanAgain()).toEqual({ [nlb0]: ['dfl-port.0'], [nlb3]: [] });
  });

  it('publishes a port once what was wrong with it is right', async () => {
    const { ['/dev/dfl-port.0']: node = '', ...tree } = fpgaHost(card);
    expect(await start(tree)).toEqual({});
    expect(await scanAgain()).toEqual({});
    await fixture.add({ '/dev/dfl-port.0': node });
    expect(await scanAgain()).toEqual({ [nlb0]: ['dfl-port.0'] });
  });

  it('keeps resources when the driver is unloaded', async () => {
    await start(fpgaHost(card));
    await fixture.remove('/sys/class/fpga_region');
    expect(await scanAgain()).toEqual({ [nlb0]: [] });
  });

  it('publishes nothing as long as the class could never be read, and what is there when it can', async () => {
    const unreadable = { ...fpgaHost(card), '/sys/class/fpga': link('fpga') };
    expect(await start(unreadable)).toEqual({});
    await fixture.remove('/sys/class/fpga');
    expect(await scanAgain()).toEqual({ [nlb0]: ['dfl-port.0'] });
  });

  const afuFile = `${pciDirectory(card.bdf)}/fpga_region/region0/dfl-port.0/afu_id`;

  it.each([
    ['all ones', allOnes],
    ['all zeros', '0'.repeat(32)],
    ['no file', dir()],
    ['too long', 'a'.repeat(300)],
  ])('keeps a port where it was known while its id is %s', async (_, entry) => {
    expect(await start(fpgaHost(card))).toEqual({ [nlb0]: ['dfl-port.0'] });
    for (const expected of [['dfl-port.0!'], ['dfl-port.0!']]) {
      await fixture.remove(afuFile);
      await fixture.add({ [afuFile]: entry });
      expect(await scanAgain()).toEqual({ [nlb0]: expected });
    }
    await fixture.remove(afuFile);
    await fixture.add({ [afuFile]: `${f7df}\n` });
    expect(await scanAgain()).toEqual({ [nlb0]: [], [nlb3]: ['dfl-port.0'] });
  });

  it.each(['region', 'regiondevel'] as const)(
    'keeps a region where it was known while nothing of it answers, with mode %s',
    async (mode) => {
      const region = `region-${ce48}`;
      expect(await start(fpgaHost(card), mode)).toEqual({ [region]: ['dfl-fme.0'] });
      await fixture.add(fpgaHost({ ...card, ports: { 0: allOnes } }));
      expect(await scanAgain()).toEqual({ [region]: ['dfl-fme.0!'] });
      await fixture.add(fpgaHost({ ...card, fmes: { 0: allOnes }, ports: { 0: allOnes } }));
      expect(await scanAgain()).toEqual({ [region]: ['dfl-fme.0!'] });
      await fixture.remove('/sys/class/fpga_region/region0');
      expect(await scanAgain()).toEqual({ [region]: [] });
      // Another one in its place, of which nothing is known.
      await fixture.add(fpgaHost({ ...card, fmes: { 0: allOnes } }));
      expect(await scanAgain()).toEqual({ [region]: [], [`region-${allOnes}`]: ['dfl-fme.0!'] });
      await fixture.add(fpgaHost(card));
      expect(await scanAgain()).toEqual({ [region]: ['dfl-fme.0'] });
    },
  );

  it('publishes a region when all of its ports are there, while a driver makes one after another', async () => {
    const { ['/dev/dfl-port.1']: node = '', ...tree } = fpgaHost({ ...card, ports: { 0: d842, 1: d842 } });
    expect(await start(tree, 'region')).toEqual({});
    await fixture.add({ '/dev/dfl-port.1': node });
    expect(await scanAgain()).toEqual({ [`region-${ce48}`]: ['dfl-fme.0'] });
  });
});
