// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginProcess } from './plugin-process.ts';
import { readActivity } from './proc.ts';

/** Longer than a scan takes. */
const betweenMs = 100;

/**
 * Milliseconds of CPU that a scan takes which finds nothing new. All threads count, with whatever they do between two scans:
 * an idle plugin needs less than 0.1 ms in that time.
 *
 * @param scans - as many again are not counted before.
 */
export async function scanCpuMs(plugin: PluginProcess, scans: number, signal: AbortSignal): Promise<number> {
  await haveScanned(plugin, scans, signal);
  const before = await readActivity(plugin.pid);
  await haveScanned(plugin, scans, signal);
  const after = await readActivity(plugin.pid);
  return (after.cpuMs - before.cpuMs) / scans;
}

/** Has the plugin look for devices so many times. V8 compiles what it runs often, as it has in a plugin that runs for an hour. */
export async function haveScanned({ pid }: PluginProcess, times: number, signal: AbortSignal): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    process.kill(pid, 'SIGUSR1');
    await sleep(betweenMs, undefined, { signal });
  }
}
