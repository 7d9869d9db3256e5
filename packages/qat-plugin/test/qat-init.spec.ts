// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { parseConfiguration } from '../src/main/qat-init/configuration.ts';
import { enabledPfs } from '../src/main/qat-init/enabled-pfs.ts';
import { describeProvisioning, provision } from '../src/main/qat-init/provision.ts';
import { FakeKernel, gen2, gen4, type FakePf } from './fake-kernel.ts';

const devices = '/sys/bus/pci/devices';
const drivers = '/sys/bus/pci/drivers';

describe('provision()', () => {
  let kernel: FakeKernel | undefined;

  afterEach(async () => await kernel?.[Symbol.asyncDispose]());

  async function start(...pfs: FakePf[]): Promise<FakeKernel> {
    return (kernel = await FakeKernel.start(...pfs));
  }
  const orderOf = (text: string) => ({
    enabled: enabledPfs(undefined),
    configuration: parseConfiguration([{ name: 'qat.conf', text }]),
  });
  /** The message of its error, and what was written by this run, with short paths. */
  async function run(host: FakeKernel, text: string, signal = new AbortController().signal) {
    const before = host.writes.length;
    const outcome = await provision({ host: host.host, writer: host }, orderOf(text), signal).catch(String);
    const shown = host.writes.slice(before).map((write) => write.replace(`${devices}/`, '').replace(`${drivers}/`, ''));
    return { outcome, shown };
  }
  const bindingOf = (vf: string, from?: string) => [
    `${vf}/driver_override=vfio-pci`,
    ...(from === undefined ? [] : [`${from}/unbind=${vf}`]),
    `vfio-pci/bind=${vf}`,
  ];
  const vfs = ['0000:6b:00.1', '0000:6b:00.2', '0000:6b:00.3'];
  const allBindings = vfs.flatMap((vf) => bindingOf(vf));

  it('sets services, makes and binds virtual functions and sets the reset, in this order', async () => {
    const { outcome, shown } = await run(await start(gen4), 'ServicesEnabled=sym;asym\nAutoresetEnabled=on');
    expect(outcome).toBeUndefined();
    expect(shown).toEqual([
      '0000:6b:00.0/qat/state=down',
      '0000:6b:00.0/qat/cfg_services=sym;asym',
      '0000:6b:00.0/qat/state=up',
      '0000:6b:00.0/sriov_numvfs=3',
      ...allBindings,
      '0000:6b:00.0/qat/auto_reset=on',
    ]);
    for (const vf of vfs) expect(await kernel?.driverOf(vf)).toBe('vfio-pci');
  });

  it.each([false, true])('writes nothing when it runs again, on a kernel that sorts services: %s', async (sorts) => {
    const host = await start(gen4, gen2);
    host.sortsServices = sorts;
    const text = 'ServicesEnabled=sym;asym\n[0000:6b:00.0]\nAutoresetEnabled=on';
    const first = await run(host, text);
    expect(first.outcome).toBeUndefined();
    expect(first.shown).not.toEqual([]);
    expect(await run(host, text)).toEqual({ outcome: undefined, shown: [] });
  });

  it('makes and binds again the virtual functions that a change of services removes', async () => {
    const host = await start({ ...gen4, numVfs: 3 });
    const { outcome, shown } = await run(host, 'ServicesEnabled=sym');
    expect(outcome).toBeUndefined();
    expect(shown.slice(0, 4).map((write) => write.slice(13))).toEqual([
      'qat/state=down',
      'qat/cfg_services=sym',
      'qat/state=up',
      'sriov_numvfs=3',
    ]);
    expect(shown.slice(4)).toEqual(allBindings);
    expect((await run(host, 'ServicesEnabled=sym')).shown).toEqual([]);
  });

  it('binds virtual functions that are there already, taking them from their driver', async () => {
    const { shown } = await run(await start({ ...gen2, numVfs: 2 }), '');
    expect(shown).toEqual([...bindingOf('0000:3b:00.1', 'c6xxvf'), ...bindingOf('0000:3b:00.2', 'c6xxvf')]);
  });

  it.each([false, true])('binds as many as are wished, on a kernel that heeds their number: %s', async (heeds) => {
    const host = await start(gen4);
    host.heedsNumVfs = heeds;
    const { outcome, shown } = await run(host, 'NumVFs=2');
    expect(outcome).toBeUndefined();
    expect(shown).toEqual(['0000:6b:00.0/sriov_numvfs=2', ...vfs.slice(0, 2).flatMap((vf) => bindingOf(vf))]);
    expect(await kernel?.host.readText(`${devices}/0000:6b:00.0/sriov_numvfs`)).toBe(heeds ? '2' : '3');
    expect((await run(host, 'NumVFs=2')).shown).toEqual([]);
  });

  it('leaves alone devices that are not enabled, and those of others', async () => {
    const host = await start(gen4);
    await host.fixture.write(`${devices}/0000:6b:00.0/vendor`, '0x1234\n');
    expect(await run(host, 'ServicesEnabled=sym')).toEqual({ outcome: undefined, shown: [] });
  });

  it('changes nothing when one of the devices cannot have what is wished', async () => {
    const host = await start(gen4, { ...gen4, bdf: '0000:70:00.0' });
    const { outcome, shown } = await run(host, 'ServicesEnabled=sym\n[0000:70:00.0]\nServicesEnabled=dcc;dc');
    expect(shown).toEqual([]);
    expect(outcome).toContain('qat.conf: [0000:70:00.0] ServicesEnabled: "dcc;dc" is not possible: 4xxx devices allow');
  });

  it('stops when the kernel refuses services, with file, key, value, what is allowed, and what was done', async () => {
    const host = await start(gen4);
    host.refusals.set('cfg_services', 'EINVAL');
    const { outcome, shown } = await run(host, 'ServicesEnabled=sym;dc');
    expect(shown).toHaveLength(2);
    for (const part of [
      'cannot write "sym;dc" to /sys/bus/pci/devices/0000:6b:00.0/qat/cfg_services: EINVAL',
      'services of 0000:6b:00.0 dc -> sym;dc (qat.conf: ServicesEnabled)',
      '4xxx devices allow dcc alone, or up to 2 of sym, asym, dc',
      'done before: write "down" to /sys/bus/pci/devices/0000:6b:00.0/qat/state',
    ])
      expect(outcome).toContain(part);
  });

  it('mends what a run that was refused left behind', async () => {
    const host = await start(gen4);
    host.refusals.set('cfg_services', 'EINVAL');
    await run(host, 'ServicesEnabled=sym;dc');
    host.refusals.clear();
    const { outcome, shown } = await run(host, 'ServicesEnabled=sym;dc');
    expect(outcome).toBeUndefined();
    expect(shown.slice(0, 2)).toEqual(['0000:6b:00.0/qat/cfg_services=sym;dc', '0000:6b:00.0/qat/state=up']);
  });

  it.each([
    ['state', 'EBUSY', 'end the pods that have its virtual functions, and see dmesg for qat'],
    ['state', 'EACCES', 'qat-init has to run privileged, with /sys of the host mounted writable'],
    ['sriov_numvfs', 'EINVAL', 'the IOMMU has to be on (intel_iommu=on)'],
    [
      'bind',
      'EINVAL',
      'cannot bind 0000:6b:00.1 to vfio-pci: cannot write "0000:6b:00.1" to /sys/bus/pci/drivers/vfio-pci/bind',
    ],
    ['bind', 'EINVAL', 'vfio-pci needs disable_denylist=1; see dmesg for vfio; done before: write "down"'],
    ['bind', 'EROFS', 'qat-init has to run privileged'],
    ['auto_reset', 'EIO', 'automatic reset of 0000:6b:00.0 off -> on (qat.conf: AutoresetEnabled)'],
  ])('tells of a refused write to %s with %s what to do', async (file, code, remedy) => {
    const host = await start(gen4);
    host.refusals.set(file, code);
    expect((await run(host, 'ServicesEnabled=sym\nAutoresetEnabled=on')).outcome).toContain(remedy);
  });

  it('does not believe a write that the kernel takes and does not heed', async () => {
    const host = await start(gen4);
    const deaf = { host: host.host, writer: { write: () => Promise.resolve() } };
    const never = new AbortController().signal;
    await expect(provision(deaf, orderOf('ServicesEnabled=sym'), never)).rejects.toThrow(
      '/sys/bus/pci/devices/0000:6b:00.0/qat/state says "up" after "down" was written (services of 0000:6b:00.0 dc -> sym',
    );
    await run(host, '');
    await host.fixture.remove(`${devices}/0000:6b:00.1/driver`);
    await expect(provision(deaf, orderOf(''), never)).rejects.toThrow(
      '0000:6b:00.1 is bound to no driver and not to vfio-pci',
    );
  });

  it('gives up on a host that does not stay as it is set', async () => {
    const pfs = ['0000:6b:00.0', '0000:70:00.0'];
    const host = await start(...pfs.map((bdf): FakePf => ({ ...gen4, bdf, state: 'down', totalVfs: 0 })));
    const seesaw = {
      write: async (path: string, text: string) => {
        await host.write(path, text);
        const other = pfs.find((bdf) => !path.includes(bdf)) ?? '';
        await host.fixture.write(`${devices}/${other}/qat/state`, 'down\n');
      },
    };
    const running = provision({ host: host.host, writer: seesaw }, orderOf(''), new AbortController().signal);
    await expect(running).rejects.toThrow(
      /do not stay as they are set.*; done before: (write "up" to [^,]*, ){4}write "up" to [^,]*$/,
    );
  });

  it('says what was done when the virtual functions do not come', async () => {
    const host = await start(gen4);
    const barren = { write: (path: string, text: string) => host.fixture.write(path, text) };
    const running = provision({ host: host.host, writer: barren }, orderOf(''), new AbortController().signal);
    await expect(running).rejects.toThrow(
      /should have 3 virtual functions and shows 0: .*; done before: write "3" to .*sriov_numvfs/,
    );
  });

  it('does nothing more when it is stopped', async () => {
    const { outcome, shown } = await run(await start(gen4), 'ServicesEnabled=sym', AbortSignal.abort());
    expect(shown).toEqual([]);
    expect(outcome).toContain('stopped by a signal');
  });

  it('has nothing to do on a node without devices', async () => {
    expect(await run(await start(), 'ServicesEnabled=sym\n[0000:6b:00.0]\nNumVFs=1\nother=1')).toEqual({
      outcome: undefined,
      shown: [],
    });
  });
});

describe('provision(), whatever the host and the wishes', () => {
  const pf = fc.record({
    hasVfs: fc.boolean(),
    state: fc.constantFrom<'up' | 'down'>('up', 'down'),
    services: fc.constantFrom('dc', 'sym', 'asym;sym'),
    autoReset: fc.constantFrom('on', 'off'),
    totalVfs: fc.integer({ min: 0, max: 4 }),
  });
  const wish = fc.record(
    {
      ServicesEnabled: fc.constantFrom('dc', 'sym;asym', 'asym;sym', 'dcc', 'decomp'),
      NumVFs: fc.integer({ min: 0, max: 5 }),
      AutoresetEnabled: fc.constantFrom('on', 'off'),
    },
    { requiredKeys: [] },
  );
  const kernelKind = fc.record({ sortsServices: fc.boolean(), heedsNumVfs: fc.boolean() });

  it('is done after one run, or refuses before the first write', async () => {
    await fc.assert(
      fc.asyncProperty(pf, wish, kernelKind, async (fake, keys, kind) => {
        const numVfs = fake.state === 'up' && fake.hasVfs ? fake.totalVfs : 0;
        await using kernel = await FakeKernel.start({ ...gen4, ...fake, numVfs });
        Object.assign(kernel, kind);
        const text = Object.entries(keys).map(([key, value]) => `${key}=${value}`);
        const configuration = parseConfiguration([{ name: 'qat.conf', text: text.join('\n') }]);
        const order = { enabled: enabledPfs(undefined), configuration };
        const run = () => provision({ host: kernel.host, writer: kernel }, order, new AbortController().signal);
        const isPossible = keys.ServicesEnabled !== 'decomp' && (keys.NumVFs ?? 0) <= fake.totalVfs;
        await run().catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
          expect(isPossible).toBe(false);
          expect(kernel.writes).toEqual([]);
        });
        const writes = kernel.writes.length;
        if (isPossible) await run();
        expect(kernel.writes).toHaveLength(writes);
      }),
      { numRuns: 40 },
    );
  });
});

describe('describeProvisioning()', () => {
  it('tells what would be done and does nothing', async () => {
    await using kernel = await FakeKernel.start(gen4, { ...gen2, numVfs: 2 });
    const configuration = parseConfiguration([{ name: 'qat.conf', text: '[0000:6b:00.0]\nServicesEnabled=sym' }]);
    const order = { enabled: enabledPfs(undefined), configuration };
    const text = await describeProvisioning(kernel.host, order);
    expect(text.split('\n')).toEqual([
      expect.stringMatching(/^write "down" to .*\/qat\/state: services of 0000:6b:00\.0 dc -> sym \(qat\.conf: \[/),
      expect.stringMatching(/^write "sym" to .*\/qat\/cfg_services: /),
      expect.stringMatching(/^write "up" to .*\/qat\/state: /),
      'write "3" to /sys/bus/pci/devices/0000:6b:00.0/sriov_numvfs: virtual functions of 0000:6b:00.0 0 -> 3 (by default)',
      'bind 0000:3b:00.1 to vfio-pci: c6xxvf has it',
      'bind 0000:3b:00.2 to vfio-pci: c6xxvf has it',
      'then: bind the 3 virtual functions of 0000:6b:00.0 that there are then to vfio-pci',
      '',
    ]);
    expect(kernel.writes).toEqual([]);
    await provision({ host: kernel.host, writer: kernel }, order, new AbortController().signal);
    expect(await describeProvisioning(kernel.host, order)).toBe('nothing to do\n');
  });
});
