// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { DevicePluginError, Host, log } from '@kube-device-plugins/core';
import type { ConfigFile } from './configuration.ts';

/**
 * The files of a mounted ConfigMap that concern this node: `qat.conf`, then `qat-<node>.conf`. Either may be missing, and so may the default
 * directory, where no ConfigMap is mounted. The log tells which there are.
 *
 * @throws DevicePluginError `FLAG_INVALID` for another directory that is not there, `HOST_UNREADABLE` for a file that cannot be read or has more than 64 KiB, and `FLAG_INVALID` for what cannot
 * be a node's name.
 */
export async function readConfigFiles(directory: string, nodeName: string | undefined): Promise<ConfigFile[]> {
  const paths = ['qat.conf', ...nodeFile(nodeName)].map((name) => resolve(directory, name));
  const host = new Host();
  if (directory !== defaultConfigDirectory && !(await host.exists(resolve(directory))))
    throw new DevicePluginError('FLAG_INVALID', `the directory of -config-dir does not exist: ${resolve(directory)}`);
  const files: ConfigFile[] = [];
  for (const path of paths) {
    const text = await host.readText(path);
    if (text !== undefined) files.push({ name: path, text });
  }
  tell(paths, files, nodeName);
  return files;
}

/** Where manifests mount the ConfigMap. */
export const defaultConfigDirectory = '/qat-init/conf';

function tell(paths: readonly string[], files: readonly ConfigFile[], nodeName = ''): void {
  if (files.length > 0) log.info('configuration is read', { from: files.map(({ name }) => name) });
  else log.info('there is no configuration, all is as by default', { looked: paths });
  if (nodeName === '') log.info('NODE_NAME is not set, a configuration of this node alone is not looked for');
}

/** Kubernetes: names of nodes are DNS subdomain names of at most 253 characters. */
function nodeFile(nodeName = ''): readonly string[] {
  if (nodeName === '') return [];
  if (/^[a-z0-9][a-z0-9.-]{0,252}$/.test(nodeName)) return [`qat-${nodeName}.conf`];
  throw new DevicePluginError(
    'FLAG_INVALID',
    `environment variable NODE_NAME is ${JSON.stringify(nodeName)}, which is not the name of a node`,
  );
}
