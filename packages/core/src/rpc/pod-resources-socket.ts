// SPDX-License-Identifier: Apache-2.0
import { dirname, join } from 'node:path/posix';

/**
 * Where the kubelet says which pods have which devices, by its directory for plugin sockets: both are in /var/lib/kubelet.
 * Source: kubernetes, pkg/kubelet/config/defaults.go, DefaultKubeletPodResourcesDirName.
 */
export function podResourcesSocketBeside(devicePluginPath: string): string {
  return join(dirname(devicePluginPath), 'pod-resources', 'kubelet.sock');
}
