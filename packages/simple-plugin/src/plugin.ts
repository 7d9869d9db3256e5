// SPDX-License-Identifier: Apache-2.0
import { log, rescan, type DevicePlugin, type DeviceTree, type Host, type Notifier } from '@kube-device-plugins/core';
import { deviceTree } from './device-tree.ts';
import type { SimpleOptions } from './options.ts';
import { readHostResources, watchedDirectories, type FoundDevice, type FoundResource } from './sysfs.ts';

export { hostPaths } from './sysfs.ts';

/**
 * Publishes device nodes of the host by their paths, and devices that are only simulated.
 *
 * A node that comes or goes is seen at once through inotify(7) on the directory it is in, whatever else at the next scan.
 * What a container gets is all in the device tree, so the default allocation of the core serves.
 */
export class SimplePlugin implements DevicePlugin {
  readonly #host: Host;
  readonly #options: SimpleOptions;
  #found: readonly FoundResource[] = [];
  #told: ReadonlyMap<string, string> = new Map();

  constructor(host: Host, options: SimpleOptions) {
    this.#host = host;
    this.#options = options;
    for (const { resourceName, numberDevicesOnNode, pluginName } of options.simulatedResources) {
      log.v(1).info('simulates devices', { resource: resourceName, count: numberDevicesOnNode, pluginName });
    }
  }

  /** Resolves once `signal` aborts. */
  async scan(notifier: Notifier, signal: AbortSignal): Promise<void> {
    const { hostResources, scanPeriodMs } = this.#options;
    const watch = watchedDirectories(hostResources).map((directory) => this.#host.path(directory));
    // The same object each time: the core sees at a glance that nothing has changed.
    const simulated = deviceTree([], this.#options);
    await rescan({ everyMs: scanPeriodMs, watch }, signal, async () => {
      notifier.notify(hostResources.length === 0 ? simulated : await this.#hostTree());
    });
  }

  async #hostTree(): Promise<DeviceTree> {
    const found = await readHostResources(this.#host, this.#options.hostResources, this.#found);
    this.#tellWhatIsWrong(found);
    this.#found = found;
    return deviceTree(found, this.#options);
  }

  /** Tells each reason when it is new, and when it has gone. */
  #tellWhatIsWrong(found: readonly FoundResource[]): void {
    const told = new Map<string, string>();
    for (const { resource, path, problem, remark } of devicesOf(found)) {
      const device = `${resource} ${path}`;
      const reason = problem ?? remark;
      const before = this.#told.get(device);
      if (reason !== undefined) told.set(device, reason);
      if (reason === before) continue;
      if (reason === undefined) log.info('device is all right again', { resource, path });
      else
        log.warn(problem === undefined ? 'device has no known NUMA node' : 'device is unhealthy', {
          resource,
          path,
          reason,
        });
    }
    this.#told = told;
  }
}

function devicesOf(found: readonly FoundResource[]): (FoundDevice & { readonly resource: string })[] {
  return found.flatMap(({ name, devices }) => devices.map((device) => ({ ...device, resource: name })));
}
