#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { runPlugins } from '@kube-device-plugins/core';
import { plugins } from './hosted-plugins.ts';

// runPlugins() owns the process: flags, log, signals, exit code.
//   exit 0  stopped by a signal, sockets removed; or help shown
//   exit 1  every plugin was given up, or the plugin directory was deleted under the mount of it
//   exit 2  wrong flags, on the command line or of every plugin
await runPlugins({ name: 'kube-device-plugins', plugins });
