#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { runPlugin } from '@kube-device-plugins/core';
import { definition } from './plugin.ts';

// runPlugin() owns the process: flags, log, signals, exit code. SIGUSR2 has the scripts of simulated resources go on.
//   exit 0  stopped by a signal, sockets removed; or help shown
//   exit 1  the configuration is wrong, and nothing was registered; or the plugin cannot go on, or got a second signal
//   exit 2  wrong flags, and nothing was registered
await runPlugin(definition);
