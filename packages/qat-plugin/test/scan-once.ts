// SPDX-License-Identifier: Apache-2.0
import { Host, type DeviceInfo, type DeviceTree } from '@kube-device-plugins/core';
import { RecordingNotifier } from '@kube-device-plugins/testkit';
import { qatFlags, parseQatOptions, type QatFlags } from '../src/options.ts';
import { createQatPlugin } from '../src/plugin.ts';

/** Flags as they are when none is given, but for these. */
export function flagsWith(change: Partial<QatFlags> = {}): QatFlags {
  const defaults = Object.fromEntries(Object.entries(qatFlags).map(([name, flag]) => [name, flag.default]));
  return { ...(defaults as unknown as QatFlags), scanPeriodMs: 3_600_000, ...change };
}

/** The tree of the first scan. Rejects as the scan does. */
export async function scanOnce(root: string | Host, change: Partial<QatFlags> = {}): Promise<DeviceTree> {
  const host = root instanceof Host ? root : new Host(root);
  const plugin = createQatPlugin(host, parseQatOptions(flagsWith(change)));
  const notifier = new RecordingNotifier();
  const stop = new AbortController();
  const tree = notifier.next();
  tree.catch(() => undefined);
  const scan = plugin.scan(notifier, stop.signal);
  await Promise.race([tree, scan]);
  stop.abort();
  await scan;
  return await tree;
}

/** All devices of a tree: resource and id → what it gives. */
export function devicesOf(tree: DeviceTree): Readonly<Record<string, DeviceInfo>> {
  return Object.fromEntries(
    [...tree.resources].flatMap(([resource, devices]) => [...devices].map(([id, info]) => [`${resource} ${id}`, info])),
  );
}

/** Resource and id → health. */
export function healthOf(tree: DeviceTree): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(devicesOf(tree)).map(([name, { health }]) => [name, health]));
}
