// SPDX-License-Identifier: Apache-2.0
import { log, type DevicePlugin, type Host, type PluginDefinition } from '@kube-device-plugins/core';
import { namespace, parseQatOptions, qatFlags, type QatOptions } from './options.ts';
import { withDebugAlias } from './options/debug-flag.ts';
import { DpdkPlugin } from './plugin/dpdk-plugin.ts';
import { KernelPlugin } from './plugin/kernel-plugin.ts';

export { hostPaths } from './sysfs.ts';

/** What runPlugin() is told. */
export const definition = {
  name: 'qat-plugin',
  namespace,
  flags: qatFlags,
  prepareProcess: (process) => {
    // The one thing that has to be known before the log is set up.
    process.argv.splice(2, Infinity, ...withDebugAlias(process.argv.slice(2)));
  },
  check: parseQatOptions,
  create: (flags, host) => {
    if (flags.debug) log.warn('-debug is an old name for -v=4');
    const options = parseQatOptions(flags);
    log.v(1).info('QAT device plugin starts', { mode: options.mode });
    return createQatPlugin(host, options);
  },
  doctor: async () => (await import('./plugin/doctor.ts')).checks,
} satisfies PluginDefinition<typeof qatFlags>;

/** The plugin of a mode. What each can do is found by the methods that it has: only dpdk has preferences. */
export function createQatPlugin(host: Host, options: QatOptions): DevicePlugin {
  return options.mode === 'kernel' ? new KernelPlugin(host, options) : new DpdkPlugin(host, options);
}
