// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { kubeletSocketName } from '@kube-device-plugins/core/kubelet-api';

/** Makes the device plugin directory the way a starting kubelet does. */
export function makePluginDirectory(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o750 });
}

/**
 * Removes the directory with all that is in it, also while a plugin goes on making its socket there: a directory that has filled
 * again since it was read cannot be removed, and is read again.
 */
export function removePluginDirectory(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 100, retryDelay: 1 });
}

/**
 * Deletes every socket that lies directly in the directory, the plugins' as well as a kubelet.sock that a crash left behind, but none
 * in `kept`. Everything else stays. Kubelet.sock goes last, so that little time passes until the new one is there.
 *
 * @throws when a socket cannot be deleted. Upstream: pkg/kubelet/cm/devicemanager/plugin/v1beta1/server.go, cleanupPluginDir.
 */
export function deleteSockets(dir: string, kept: readonly string[] = []): void {
  const isKubelet = (name: string): number => Number(name === kubeletSocketName);
  const names = readdirSync(dir).sort((a, b) => isKubelet(a) - isKubelet(b));
  for (const name of names) {
    const path = join(dir, name);
    if (!kept.includes(name) && isSocket(path)) rmSync(path, { force: true });
  }
}

/** What cannot be examined is left alone, as the kubelet leaves it. */
function isSocket(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
}
