// SPDX-License-Identifier: Apache-2.0
import { Host } from '@kube-device-plugins/core';
import { dir, hostFixture, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deviceGenerations } from '../sysfs/device-generations.ts';
import type { VirtualFunction } from '../sysfs/virtual-functions.ts';
import type { HostWriter } from './host-writer.ts';
import { VfBinder } from './vf-binder.ts';

const [generation] = deviceGenerations;
const vf = (number: number, driver: string | undefined = '4xxxvf'): VirtualFunction => {
  if (generation === undefined) throw new Error('there are generations');
  const bdf = `0000:6b:00.${number}`;
  return { bdf, directory: `/sys/devices/pci0000:6b/${bdf}`, generation, pf: undefined, driver };
};
const unbind = '/sys/bus/pci/drivers/4xxxvf/unbind';

/** A kernel that holds up the unbinding of these VFs until it is told to let them go. */
class SlowKernel implements HostWriter {
  readonly writes: string[] = [];
  readonly #held = new Map<string, PromiseWithResolvers<undefined>>();

  hold(...bdfs: readonly string[]): void {
    for (const bdf of bdfs) this.#held.set(bdf, Promise.withResolvers());
  }

  release(bdf: string): void {
    this.#held.get(bdf)?.resolve(undefined);
    this.#held.delete(bdf);
  }

  async write(path: string, text: string): Promise<void> {
    this.writes.push(`${path} ${text}`);
    if (path === unbind) await this.#held.get(text)?.promise;
  }
}

describe('VfBinder', () => {
  const stop = new AbortController();
  let fixture: HostFixture;
  let kernel: SlowKernel;
  let binder: VfBinder;

  beforeEach(async () => {
    fixture = await hostFixture({ '/sys/bus/pci/drivers/vfio-pci': dir() });
    kernel = new SlowKernel();
    binder = new VfBinder(new Host(fixture.root), kernel, 'vfio-pci');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await fixture.dispose();
  });

  /** With as much time as it wants. */
  async function bind(...vfs: readonly VirtualFunction[]): Promise<Record<string, string>> {
    const state = { isOver: false };
    const binding = binder.bind(vfs, stop.signal).finally(() => (state.isOver = true));
    while (!state.isOver) await vi.advanceTimersByTimeAsync(100);
    return Object.fromEntries((await binding).problems);
  }

  it('binds those that vfio-pci does not have', async () => {
    expect(await bind(vf(1), vf(2, 'vfio-pci'))).toEqual({});
    expect(kernel.writes.map((write) => write.slice(-1))).toEqual(['i', '1', '1']);
  });

  it('leaves a VF to the kernel that takes long, and binds the others', async () => {
    kernel.hold('0000:6b:00.1');
    expect(await bind(vf(1), vf(2))).toEqual({ '0000:6b:00.1': `binding to vfio-pci takes long: ${unbind}` });
    expect(kernel.writes).toContain('/sys/bus/pci/drivers/vfio-pci/bind 0000:6b:00.2');
  });

  it('neither begins nor waits again while it takes long, and goes on where the kernel lets it', async () => {
    kernel.hold('0000:6b:00.1');
    await bind(vf(1));
    const writes = kernel.writes.length;
    // Not a moment: no timer has to fire.
    expect((await binder.bind([vf(1)], stop.signal)).problems).toHaveLength(1);
    expect(kernel.writes).toHaveLength(writes);
    kernel.release('0000:6b:00.1');
    await expect.poll(() => kernel.writes).toContain('/sys/bus/pci/drivers/vfio-pci/bind 0000:6b:00.1');
    await expect.poll(() => bind(vf(1, 'vfio-pci'))).toEqual({});
  });

  it('has the kernel take two that take long at most', async () => {
    kernel.hold('0000:6b:00.1', '0000:6b:00.2', '0000:6b:00.3');
    expect(await bind(vf(1), vf(2), vf(3), vf(4))).toMatchObject({
      '0000:6b:00.2': `binding to vfio-pci takes long: ${unbind}`,
      '0000:6b:00.3': 'binding to vfio-pci waits for other virtual functions',
      '0000:6b:00.4': 'binding to vfio-pci waits for other virtual functions',
    });
    expect(kernel.writes.filter((write) => write.startsWith(unbind))).toHaveLength(2);
  });

  it('takes no VF from its driver when the other one is not there, and says how to get it', async () => {
    await fixture.remove('/sys/bus/pci/drivers/vfio-pci');
    const reason = 'there is no /sys/bus/pci/drivers/vfio-pci: run "modprobe vfio-pci" on the host';
    expect(await bind(vf(1), vf(2))).toEqual({ '0000:6b:00.1': reason, '0000:6b:00.2': reason });
    expect(kernel.writes).toEqual([]);
  });

  it('begins nothing when it is stopped', async () => {
    expect(await binder.bind([vf(1)], AbortSignal.abort())).toEqual({ problems: new Map(), remarks: [] });
    expect(kernel.writes).toEqual([]);
  });
});
