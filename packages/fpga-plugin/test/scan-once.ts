// SPDX-License-Identifier: Apache-2.0
import type { DevicePlugin, DeviceTree } from '@kube-device-plugins/core';
import { RecordingNotifier } from '@kube-device-plugins/testkit';

/** The tree of the first scan. */
export async function scanOnce(plugin: DevicePlugin): Promise<DeviceTree> {
  const notifier = new RecordingNotifier();
  const stop = new AbortController();
  const tree = notifier.next();
  const scan = plugin.scan(notifier, stop.signal);
  await tree;
  stop.abort();
  await scan;
  return await tree;
}
