// SPDX-License-Identifier: Apache-2.0
import type { Host } from '@kube-device-plugins/core';

/**
 * Nodes of the management engine of a card, through which monitoring reads and updates its firmware:
 * `device/xe.mei-gscfi.1024/mei/mei1` is /dev/mei1. Kernel: drivers/misc/mei/gsc-me.c.
 */
export async function readMeiNodes(host: Host, card: string): Promise<string[]> {
  const device = `/sys/class/drm/${card}/device`;
  const engines = (await host.list(device)).filter((name) => name.includes('.mei-'));
  const nodes: string[] = [];
  for (const engine of engines)
    for (const name of await host.list(`${device}/${engine}/mei`)) nodes.push(`/dev/${name}`);
  return nodes;
}
