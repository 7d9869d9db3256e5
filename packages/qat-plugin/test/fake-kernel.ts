// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { DevicePluginError, Host } from '@kube-device-plugins/core';
import { dir, hostFixture, link, type FixtureTree, type HostFixture } from '@kube-device-plugins/testkit';
import type { HostWriter } from '../src/plugin/host-writer.ts';

/** A physical function of a test. */
export interface FakePf {
  readonly bdf: string;
  /** PCI device id: `4940`. */
  readonly id: string;
  readonly driver?: string;
  readonly state?: 'up' | 'down';
  readonly services?: string;
  readonly autoReset?: string;
  readonly numVfs?: number;
  readonly totalVfs?: number;
  /** Who has new virtual functions, as `c6xxvf` does where it is loaded. */
  readonly vfDriver?: string;
}

/** A 4xxx device as the kernel leaves it after boot. */
export const gen4: FakePf = {
  bdf: '0000:6b:00.0',
  id: '4940',
  driver: '4xxx',
  state: 'up',
  services: 'dc',
  autoReset: 'off',
  numVfs: 0,
  totalVfs: 3,
};

/** A c6xx device, which has no directory qat. */
export const gen2: FakePf = {
  bdf: '0000:3b:00.0',
  id: '37c8',
  driver: 'c6xx',
  numVfs: 0,
  totalVfs: 2,
  vfDriver: 'c6xxvf',
};

/** A host that answers writes as the kernel does, and remembers them. */
export class FakeKernel implements HostWriter, AsyncDisposable {
  readonly fixture: HostFixture;
  readonly host: Host;
  /** `<path>=<text>` of each write, oldest first; those that were refused too. */
  readonly writes: string[] = [];
  /** File name → code of the error that a write to it ends with. */
  readonly refusals = new Map<string, string>();
  /** Brings services into an order of its own, as kernels since 6.16 do. */
  sortsServices = false;
  /** Whether as many virtual functions are made as are asked for, and not all. */
  heedsNumVfs = false;
  readonly #pfs: readonly FakePf[];

  private constructor(fixture: HostFixture, pfs: readonly FakePf[]) {
    this.fixture = fixture;
    this.host = new Host(fixture.root);
    this.#pfs = pfs;
  }

  static async start(...pfs: FakePf[]): Promise<FakeKernel> {
    const fixture = await hostFixture({ 'sys/bus/pci/drivers/vfio-pci': dir(), 'sys/bus/pci/devices': dir() });
    const kernel = new FakeKernel(fixture, pfs);
    for (const pf of pfs) {
      await fixture.add(pfTree(pf));
      if (pf.numVfs !== undefined && pf.numVfs > 0) await kernel.#makeVfs(pf, pf.numVfs);
    }
    return kernel;
  }

  async write(path: string, text: string): Promise<void> {
    this.writes.push(`${path}=${text}`);
    const [directory, name] = [posix.dirname(path), posix.basename(path)];
    const refusal = this.refusals.get(name);
    if (refusal !== undefined) throw refused(path, text, refusal);
    const bdf = /\/devices\/([^/]+)\//.exec(path)?.[1] ?? '';
    const pf = this.#pfs.find((candidate) => candidate.bdf === bdf);
    if (name === 'unbind') await this.#unbind(path, posix.basename(directory), text);
    else if (name === 'bind') await this.#bind(path, posix.basename(directory), text);
    else if (name === 'sriov_numvfs' && pf !== undefined) await this.#setNumVfs(path, pf, Number(text));
    else if (name === 'state' && pf !== undefined) await this.#setState(path, pf, text);
    else if (name === 'cfg_services') await this.#setServices(path, text);
    else if (name === 'auto_reset' || name === 'driver_override') await this.fixture.write(path, `${text}\n`);
    else throw refused(path, text, 'ENOENT');
  }

  async driverOf(bdf: string): Promise<string | undefined> {
    return await this.host.linkName(`/sys/bus/pci/devices/${bdf}/driver`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fixture.dispose();
  }

  async #unbind(path: string, driver: string, bdf: string): Promise<void> {
    if ((await this.driverOf(bdf)) !== driver) throw refused(path, bdf, 'ENODEV');
    await this.fixture.remove(`sys/bus/pci/devices/${bdf}/driver`);
  }

  async #bind(path: string, driver: string, bdf: string): Promise<void> {
    const override = await this.host.readText(`/sys/bus/pci/devices/${bdf}/driver_override`);
    if (override !== driver || (await this.driverOf(bdf)) !== undefined) throw refused(path, bdf, 'ENODEV');
    await this.fixture.link(`sys/bus/pci/devices/${bdf}/driver`, `../../drivers/${driver}`);
  }

  async #setState(path: string, pf: FakePf, text: string): Promise<void> {
    if (text === 'down') await this.#removeVfs(pf);
    await this.fixture.write(path, `${text}\n`);
  }

  async #setServices(path: string, text: string): Promise<void> {
    const state = await this.host.readText(posix.join(path, '../state'));
    if (state !== 'down') throw refused(path, text, 'EINVAL');
    await this.fixture.write(path, `${this.sortsServices ? text.split(';').sort().join(';') : text}\n`);
  }

  async #setNumVfs(path: string, pf: FakePf, count: number): Promise<void> {
    const current = Number(await this.host.readText(path));
    if (count === current) return;
    if (count > 0 && current > 0) throw refused(path, String(count), 'EBUSY');
    if (count === 0) await this.#removeVfs(pf);
    else await this.#makeVfs(pf, this.heedsNumVfs ? count : (pf.totalVfs ?? 0));
    if (pf.state !== undefined) await this.fixture.write(posix.join(path, '../qat/state'), 'up\n');
  }

  async #makeVfs(pf: FakePf, count: number): Promise<void> {
    for (let number = 0; number < count; number++) {
      const vf = vfBdf(pf.bdf, number);
      await this.fixture.add({
        [`sys/bus/pci/devices/${vf}/driver_override`]: '(null)\n',
        ...(pf.vfDriver === undefined
          ? {}
          : { [`sys/bus/pci/devices/${vf}/driver`]: link(`../../drivers/${pf.vfDriver}`) }),
        [`sys/bus/pci/devices/${pf.bdf}/virtfn${number}`]: link(`../${vf}`),
      });
    }
    await this.fixture.write(`sys/bus/pci/devices/${pf.bdf}/sriov_numvfs`, `${count}\n`);
  }

  async #removeVfs(pf: FakePf): Promise<void> {
    for (let number = 0; number < (pf.totalVfs ?? 0); number++) {
      await this.fixture.remove(`sys/bus/pci/devices/${pf.bdf}/virtfn${number}`);
      await this.fixture.remove(`sys/bus/pci/devices/${vfBdf(pf.bdf, number)}`);
    }
    await this.fixture.write(`sys/bus/pci/devices/${pf.bdf}/sriov_numvfs`, '0\n');
  }
}

/** Address of a virtual function: 8 functions to a device. */
function vfBdf(pf: string, number: number): string {
  const place = number + 1;
  return `${pf.slice(0, 8)}${String(place >> 3).padStart(2, '0')}.${place & 7}`;
}

/** The files of a physical function. */
export function pfTree(pf: FakePf): FixtureTree {
  const directory = `sys/bus/pci/devices/${pf.bdf}`;
  const files = {
    vendor: '0x8086',
    device: `0x${pf.id}`,
    'qat/state': pf.state,
    'qat/cfg_services': pf.services,
    'qat/auto_reset': pf.autoReset,
    sriov_numvfs: pf.numVfs,
    sriov_totalvfs: pf.totalVfs,
  };
  const present = Object.entries(files).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(present.map(([name, value]) => [`${directory}/${name}`, `${String(value)}\n`])),
    ...(pf.driver === undefined ? {} : { [`${directory}/driver`]: link(`../../drivers/${pf.driver}`) }),
  };
}

function refused(path: string, text: string, code: string): DevicePluginError {
  const cause = Object.assign(new Error(`${code}: the kernel says no, write`), { code });
  return new DevicePluginError('HOST_UNWRITABLE', `cannot write ${JSON.stringify(text)} to ${path}`, { cause });
}
