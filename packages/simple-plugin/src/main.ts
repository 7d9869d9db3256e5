#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { runPlugin } from '@kube-device-plugins/core';
import { simpleFlags } from './options.ts';
import { readOptions } from './options/read-options.ts';
import { SimplePlugin } from './plugin.ts';
import { readConfigFile } from './sysfs/config-file.ts';

// runPlugin() owns the process: flags, log, signals, exit code.
//   exit 0  stopped by a signal, sockets removed
//   exit 1  the configuration is wrong, and nothing was registered; or the plugin directory cannot be used at all
//   exit 2  wrong flags, and nothing was registered
await runPlugin({
  name: 'simple-plugin',
  namespace: 'example.com',
  flags: simpleFlags,
  create: async (flags, host, env) => new SimplePlugin(host, await readOptions(flags, env, readConfigFile)),
});
