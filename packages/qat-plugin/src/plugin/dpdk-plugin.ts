// SPDX-License-Identifier: Apache-2.0
import {
  type AllocateResponse,
  type DevicePlugin,
  DevicePluginError,
  type DeviceTree,
  type Host,
  type Notifier,
  type PreferredAllocationRequest,
  type PreferredAllocationResponse,
  RemarkLog,
  rescan,
} from '@kube-device-plugins/core';
import { preferredVfs } from '../allocation-policy.ts';
import { numberVariables, qatDeviceTree } from '../device-tree.ts';
import { chooseVfs } from '../device-tree/choose-vfs.ts';
import type { DpdkOptions } from '../options.ts';
import { readQatDevices, type QatDevice } from '../sysfs.ts';
import { remarksOnOthers } from '../sysfs/other-functions.ts';
import { vfioDirectory } from '../sysfs/vfio.ts';
import { readVirtualFunctions } from '../sysfs/virtual-functions.ts';
import { hostWriter } from './host-writer.ts';
import { VfBinder } from './vf-binder.ts';

/**
 * Mode dpdk: hands out virtual functions (VFs) to user space, through vfio-pci or igb_uio.
 *
 * inotify(7) does not cover sysfs, so each scan reads again: four small reads per VF. What changes in /dev/vfio leads to a scan at once.
 */
export class DpdkPlugin implements DevicePlugin {
  readonly #host: Host;
  readonly #binder: VfBinder;
  readonly #options: DpdkOptions;
  readonly #remarks = new RemarkLog();
  #last: { readonly devices: readonly QatDevice[]; readonly tree: DeviceTree } = {
    devices: [],
    tree: qatDeviceTree([]),
  };

  constructor(host: Host, options: DpdkOptions) {
    this.#host = host;
    this.#binder = new VfBinder(host, hostWriter(host), options.dpdkDriver);
    this.#options = options;
  }

  /** Resolves once `signal` aborts. Rejects with `DEVICE_UNUSABLE` at the first VF that cannot be offered, if told to be strict. */
  async scan(notifier: Notifier, signal: AbortSignal): Promise<void> {
    const failure = new AbortController();
    const stop = AbortSignal.any([signal, failure.signal]);
    const watch = [vfioDirectory, `${vfioDirectory}/devices`].map((directory) => this.#host.path(directory));
    await rescan({ everyMs: this.#options.scanPeriodMs, watch }, stop, async () => {
      const devices = await this.#readDevices(stop);
      const unusable = this.#options.isStrict ? devices.find(({ problem }) => problem !== undefined) : undefined;
      if (unusable !== undefined) failure.abort(unusableError(unusable));
      else if (!signal.aborted) notifier.notify(this.#treeOf(devices));
    });
    if (failure.signal.aborted) throw failure.signal.reason;
  }

  postAllocate(response: AllocateResponse): void {
    numberVariables(response);
  }

  /** Rejects with `PREFERENCE_INVALID` when fewer devices are available than are wanted. */
  getPreferredAllocation({ containerRequests }: PreferredAllocationRequest): Promise<PreferredAllocationResponse> {
    return Promise.try(() => ({ containerResponses: containerRequests.map((request) => this.#prefer(request)) }));
  }

  #prefer(request: ContainerRequest): { deviceIDs: string[] } {
    const pfs = new Map(this.#last.devices.map(({ bdf, pf }) => [bdf, pf]));
    const preference = {
      available: request.availableDeviceIDs,
      mustInclude: request.mustIncludeDeviceIDs,
      size: request.allocationSize,
    };
    return { deviceIDs: preferredVfs(this.#options.allocationPolicy, preference, (id) => pfs.get(id) ?? id) };
  }

  async #readDevices(signal: AbortSignal): Promise<readonly QatDevice[]> {
    const found = await readVirtualFunctions(this.#host, this.#options.generations);
    const { chosen, remarks } = chooseVfs(found.vfs, this.#options);
    const bound = await this.#binder.bind(chosen, signal);
    const snapshot = await readQatDevices(this.#host, chosen, this.#options, bound.problems, this.#last.devices);
    const others = await remarksOnOthers(this.#host, this.#options.generations, found);
    this.#remarks.tell([...found.remarks, ...others, ...remarks, ...bound.remarks, ...snapshot.remarks]);
    return snapshot.devices;
  }

  /** The same tree for the same devices. */
  #treeOf(devices: readonly QatDevice[]): DeviceTree {
    const { tree } = this.#last;
    if (devices !== this.#last.devices) this.#last = { devices, tree: qatDeviceTree(devices, tree.resources.keys()) };
    return this.#last.tree;
  }
}

type ContainerRequest = PreferredAllocationRequest['containerRequests'][number];

function unusableError({ bdf, problem = '' }: QatDevice): DevicePluginError {
  return new DevicePluginError('DEVICE_UNUSABLE', `${bdf} cannot be offered: ${problem}`);
}
