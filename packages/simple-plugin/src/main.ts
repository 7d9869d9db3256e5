#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { onProcessSignal, runPlugin } from '@kube-device-plugins/core';
import { simpleFlags } from './options.ts';
import { LiveOptions } from './options/live-options.ts';
import { readOptions, rejectContradiction } from './options/read-options.ts';
import { SimplePlugin } from './plugin.ts';
import { ConfigFile } from './sysfs/config-file.ts';

// runPlugin() owns the process: flags, log, signals, exit code. SIGUSR2 has the scripts of simulated resources go on.
//   exit 0  stopped by a signal, sockets removed; or help shown
//   exit 1  the configuration is wrong, and nothing was registered; or the plugin cannot go on, or got a second signal
//   exit 2  wrong flags, and nothing was registered
await runPlugin({
  name: 'simple-plugin',
  namespace: 'example.com',
  flags: simpleFlags,
  create: async (flags, host, env) => {
    rejectContradiction(flags);
    const file = flags.config === '' ? undefined : new ConfigFile(flags.config);
    const first = await readOptions(flags, env, await file?.readChange());
    const plugin = new SimplePlugin(
      host,
      new LiveOptions(
        first,
        file && {
          directory: file.directory,
          readChange: async () => {
            const text = await file.readChange();
            return text === undefined ? undefined : await readOptions(flags, env, text);
          },
        },
      ),
    );
    onProcessSignal(['SIGUSR2'], () => {
      plugin.signal();
    });
    return plugin;
  },
});
