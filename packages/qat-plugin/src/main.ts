#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { log, runPlugin } from '@kube-device-plugins/core';
import { parseQatOptions, qatFlags } from './options.ts';
import { withDebugAlias } from './options/debug-flag.ts';
import { createQatPlugin } from './plugin.ts';
import { exitDespiteWrites } from './plugin/exit-despite-writes.ts';

// The one thing that has to be known before the log is set up.
process.argv.splice(2, Infinity, ...withDebugAlias(process.argv.slice(2)));
exitDespiteWrites(process);

// runPlugin() owns the process: flags, log, signals, exit code.
//   exit 0  stopped by a signal, sockets removed
//   exit 1  a device cannot be offered and -strict is given; or the plugin directory cannot be used at all
//   exit 2  wrong flags, and nothing was registered
await runPlugin({
  name: 'qat-plugin',
  namespace: 'qat.intel.com',
  flags: qatFlags,
  create: (flags, host) => {
    if (flags.debug) log.warn('-debug is an old name for -v=4');
    const options = parseQatOptions(flags);
    log.v(1).info('QAT device plugin starts', { mode: options.mode });
    return createQatPlugin(host, options);
  },
});
