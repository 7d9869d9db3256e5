// SPDX-License-Identifier: Apache-2.0
import type { CommonOptions } from '../cli/common-flags.ts';
import { Host } from '../scan/host.ts';

/** Where checks look. */
export interface Scene {
  /** The plugin that the node is examined for, `gpu-plugin`; undefined where there are several. */
  readonly plugin: string | undefined;
  /** /sys and /dev of the node. */
  readonly host: Host;
  /** Everything else: the kubelet's directories, /proc and /etc. In a plugin those of its container. */
  readonly files: Host;
  /** Directory of the plugin's process: `/proc/self`; undefined where there is none to look at. */
  readonly process: string | undefined;
  readonly devicePluginPath: string;
  readonly cdiDir: string;
  readonly podResourcesSocket: string;
  /** How long one call to another process may take. */
  readonly callTimeoutMs: number;
}

/** Source: kubernetes, pkg/kubelet/apis/podresources/constants.go, and cmd/kubelet/app/server.go for the directory. */
export const defaultPodResourcesSocket = '/var/lib/kubelet/pod-resources/kubelet.sock';

/** Where a plugin looks that asks for itself why it does not work. */
export function sceneOfPlugin(plugin: string | undefined, common: CommonOptions, host: Host): Scene {
  return {
    plugin,
    host,
    files: new Host('/'),
    process: '/proc/self',
    devicePluginPath: common.registration === 'watcher' ? common.pluginsRegistryPath : common.devicePluginPath,
    cdiDir: common.cdiDir,
    podResourcesSocket: defaultPodResourcesSocket,
    callTimeoutMs: 500,
  };
}
