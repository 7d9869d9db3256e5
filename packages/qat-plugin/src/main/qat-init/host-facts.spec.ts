// SPDX-License-Identifier: Apache-2.0
import { link } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { FakeKernel, gen2, gen4 } from '../../../test/fake-kernel.ts';
import { enabledPfs } from './enabled-pfs.ts';
import { readHostFacts } from './host-facts.ts';

const enabled = enabledPfs(undefined);

describe('readHostFacts()', () => {
  it('reads what the driver offers, and leaves undefined what it does not', async () => {
    await using kernel = await FakeKernel.start(gen4, gen2);
    const { pfs, hasVfioPci } = await readHostFacts(kernel.host, enabled);
    expect(hasVfioPci).toBe(true);
    const c6xx = {
      driver: 'c6xx',
      state: undefined,
      services: undefined,
      autoReset: undefined,
      numVfs: 0,
      totalVfs: 2,
    };
    const qat = { driver: '4xxx', state: 'up', services: 'dc', autoReset: 'off', numVfs: 0, totalVfs: 3 };
    expect(pfs).toEqual([
      { bdf: gen2.bdf, generation: enabled.get('37c8'), vfs: [], ...c6xx },
      { bdf: gen4.bdf, generation: enabled.get('4940'), vfs: [], ...qat },
    ]);
  });

  it('lists virtual functions by their numbers, and none for a broken link', async () => {
    await using kernel = await FakeKernel.start({ ...gen2, numVfs: 12, totalVfs: 12 });
    await kernel.fixture.add({ [`sys/bus/pci/devices/${gen2.bdf}/virtfn12`]: link('../nowhere') });
    const [pf] = (await readHostFacts(kernel.host, enabled)).pfs;
    expect(pf?.vfs.map(({ bdf }) => bdf)).toEqual(
      ['00.1', '00.2', '00.3', '00.4', '00.5', '00.6', '00.7', '01.0', '01.1', '01.2', '01.3', '01.4'].map(
        (place) => `0000:3b:${place}`,
      ),
    );
    expect(new Set(pf?.vfs.map(({ driver }) => driver))).toEqual(new Set(['c6xxvf']));
  });

  it('finds nothing where nothing is, and takes a number that is none for absent', async () => {
    await using kernel = await FakeKernel.start(gen4);
    await kernel.fixture.write(`sys/bus/pci/devices/${gen4.bdf}/sriov_numvfs`, 'many\n');
    expect((await readHostFacts(kernel.host, enabled)).pfs[0]?.numVfs).toBeUndefined();
    await kernel.fixture.remove('sys/bus');
    expect(await readHostFacts(kernel.host, enabled)).toEqual({ pfs: [], hasVfioPci: false });
  });

  it('passes over devices that have no id, an id that is not enabled, or another vendor', async () => {
    await using kernel = await FakeKernel.start(gen4);
    const device = `sys/bus/pci/devices/${gen4.bdf}`;
    expect((await readHostFacts(kernel.host, enabledPfs('37c8'))).pfs).toEqual([]);
    await kernel.fixture.write(`${device}/vendor`, '0x1234\n');
    expect((await readHostFacts(kernel.host, enabled)).pfs).toEqual([]);
    await kernel.fixture.remove(`${device}/device`);
    expect((await readHostFacts(kernel.host, enabled)).pfs).toEqual([]);
  });
});
