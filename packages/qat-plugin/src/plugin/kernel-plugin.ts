// SPDX-License-Identifier: Apache-2.0
import {
  type AllocateResponse,
  type DevicePlugin,
  type Host,
  type Notifier,
  RemarkLog,
  rescan,
} from '@kube-device-plugins/core';
import { kernelDeviceTree } from '../device-tree/kernel-devices.ts';
import { renumberSections } from '../device-tree/section-names.ts';
import type { KernelOptions } from '../options.ts';
import { readKernelDevices } from '../sysfs/kernel-mode/read-kernel-devices.ts';

/** Mode kernel: hands out the instances that the driver outside of the kernel tree is configured for. Upstream dropped it in 2025. */
export class KernelPlugin implements DevicePlugin {
  readonly #host: Host;
  readonly #options: KernelOptions;
  readonly #remarks = new RemarkLog();

  constructor(host: Host, options: KernelOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Resolves once `signal` aborts. */
  async scan(notifier: Notifier, signal: AbortSignal): Promise<void> {
    await rescan({ everyMs: this.#options.scanPeriodMs, watch: [] }, signal, async () => {
      const snapshot = await readKernelDevices(this.#host, this.#options.adfCtl, signal);
      this.#remarks.tell(
        [...snapshot.problems].map(([subject, reason]) => ({ message: 'device has a problem', subject, reason })),
      );
      if (!signal.aborted) notifier.notify(kernelDeviceTree(snapshot));
    });
  }

  postAllocate(response: AllocateResponse): void {
    renumberSections(response);
  }
}
