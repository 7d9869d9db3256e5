// SPDX-License-Identifier: Apache-2.0
import type { DevicePlugin, Host } from '@kube-device-plugins/core';
import type { QatOptions } from './options.ts';
import { DpdkPlugin } from './plugin/dpdk-plugin.ts';
import { KernelPlugin } from './plugin/kernel-plugin.ts';

export { hostPaths } from './sysfs.ts';

/** The plugin of a mode. What each can do is found by the methods that it has: only dpdk has preferences. */
export function createQatPlugin(host: Host, options: QatOptions): DevicePlugin {
  return options.mode === 'kernel' ? new KernelPlugin(host, options) : new DpdkPlugin(host, options);
}
