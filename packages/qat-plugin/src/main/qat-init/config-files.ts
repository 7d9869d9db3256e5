// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { DevicePluginError, Host } from '@kube-device-plugins/core';
import type { ConfigFile } from './configuration.ts';

/**
 * The files of a mounted ConfigMap that concern this node: `qat.conf`, then `qat-<node>.conf`. Either may be missing.
 *
 * @throws DevicePluginError `HOST_UNREADABLE` for a file that cannot be read or has more than 64 KiB, `FLAG_INVALID` for what cannot be a node's name.
 */
export async function readConfigFiles(directory: string, nodeName: string | undefined): Promise<ConfigFile[]> {
  const paths = ['qat.conf', ...nodeFile(nodeName)].map((name) => resolve(directory, name));
  const files: ConfigFile[] = [];
  for (const path of paths) {
    const text = await new Host().readText(path);
    if (text !== undefined) files.push({ name: path, text });
  }
  return files;
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
