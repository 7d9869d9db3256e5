#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { runPlugin } from '@kube-device-plugins/core';
import { definition } from './plugin.ts';

// runPlugin() owns the process: flags, log, signals, exit code.
//   exit 0  stopped by a signal, sockets removed
//   exit 1  the plugin directory cannot be used at all
//   exit 2  wrong flags, and nothing was registered
await runPlugin(definition);
