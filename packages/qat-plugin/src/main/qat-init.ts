#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { Host, log, runCommand } from '@kube-device-plugins/core';
import { hostWriter } from '../plugin/host-writer.ts';
import { patientWriter } from '../plugin/patient-writer.ts';
import { defaultConfigDirectory, readConfigFiles } from './qat-init/config-files.ts';
import { parseConfiguration } from './qat-init/configuration.ts';
import { enabledPfs, enabledPfsVariable } from './qat-init/enabled-pfs.ts';
import { describeProvisioning, provision } from './qat-init/provision.ts';

await runCommand({
  name: 'qat-init',
  summary: 'sets up the QAT devices of a node: services, virtual functions, their driver, automatic reset',
  flags: {
    'config-dir': {
      type: 'string',
      default: defaultConfigDirectory,
      usage: 'directory with qat.conf and qat-<node>.conf, a mounted ConfigMap',
    },
    'dry-run': { type: 'bool', default: false, usage: 'print what would be done and write nothing' },
    prefix: { type: 'string', default: '', usage: 'directory in which /sys of the host is' },
  },
  environment: {
    NODE_NAME: 'name of the node, for qat-<node>.conf, which goes before qat.conf',
    [enabledPfsVariable]:
      'PCI device ids of the physical functions to set up, with spaces between them; default: 37c8 4940 4942 4944 4946 4948',
  },
  examples: {
    'qat-init -dry-run': 'what is to be done on this node',
    'NODE_NAME=node1 qat-init': 'as the init container runs it',
  },
  exitCodes: {
    0: 'done, or help shown',
    1: 'the host or the configuration is not as it should be, or a signal stopped it; the last line of the log says why',
    2: 'wrong flags or environment; nothing was done',
  },
  async run({ flags, env, print }, signal) {
    const enabled = enabledPfs(env[enabledPfsVariable]);
    const configuration = parseConfiguration(await readConfigFiles(flags['config-dir'], env['NODE_NAME']));
    const host = new Host(flags.prefix === '' ? '/' : flags.prefix);
    const order = { enabled, configuration };
    const writer = patientWriter(hostWriter(host), signal, (path, text) => {
      log.info('writing', { path, text });
    });
    if (flags['dry-run']) print(await describeProvisioning(host, order));
    else await provision({ host, writer }, order, signal);
    return undefined;
  },
});
