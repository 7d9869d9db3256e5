#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { log, runPlugin } from '@kube-device-plugins/core';
import { gpuFlags, isByPathMode, namespace, parseGpuOptions } from './options.ts';
import { GpuPlugin } from './plugin.ts';

// runPlugin() owns the process: flags, log, signals, exit code.
//   exit 0  stopped by a signal, sockets removed
//   exit 1  the plugin directory cannot be used at all
//   exit 2  wrong flags, and nothing was registered
await runPlugin({
  name: 'gpu-plugin',
  namespace,
  flags: gpuFlags,
  create: (flags, host) => {
    const options = parseGpuOptions(flags);
    if (!isByPathMode(flags.bypath)) log.warn('unknown -bypath is taken for single', { bypath: flags.bypath });
    return new GpuPlugin(host, options);
  },
});
