// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Prepares the device plugin directory the way a starting kubelet does: makes it, and deletes every socket that lies directly in it,
 * the plugins' as well as a kubelet.sock that a crash left behind. Everything else stays.
 *
 * Rejects when the directory cannot be made or a socket not be deleted.
 * Upstream: pkg/kubelet/cm/devicemanager/plugin/v1beta1/server.go, Start and cleanupPluginDir.
 */
export async function preparePluginDirectory(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o750 });
  for (const name of await readdir(dir)) {
    const path = join(dir, name);
    if (await isSocket(path)) await rm(path, { force: true });
  }
}

/** What cannot be examined is left alone, as the kubelet leaves it. */
async function isSocket(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isSocket(),
    () => false,
  );
}
