// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '@kube-device-plugins/core';
import type { AnyPlugin } from '../plugins/find-plugin.ts';
import type { RecordingHost } from '../plugins/recording-host.ts';
import { isRefusal, scanPlugin, type PluginScan, type ScanSettings } from '../plugins/scan-plugin.ts';
import { reportFindings, type LookedAt, type PluginReport } from './plugin-report.ts';

/** Has each plugin scan once, one after another, and reports what came of it. Rejects only when `signal` aborts, and for a capture that is none. */
export async function inspectPlugins(
  plugins: readonly AnyPlugin[],
  settings: ScanSettings,
  signal: AbortSignal,
): Promise<readonly PluginReport[]> {
  const reports: PluginReport[] = [];
  for (const plugin of plugins) reports.push(await inspectPlugin(plugin, settings, signal));
  return reports;
}

async function inspectPlugin(plugin: AnyPlugin, settings: ScanSettings, signal: AbortSignal): Promise<PluginReport> {
  try {
    return await scanPlugin(plugin, settings, signal, (scan) => reportScan(plugin.name, scan));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return emptyReport(plugin.name, 'refused', messageOf(error));
  }
}

async function reportScan(plugin: string, { host, outcome }: PluginScan): Promise<PluginReport> {
  const atHost = pathsAtHost(host);
  if ('error' in outcome) {
    const kind = isRefusal(outcome.error) ? 'refused' : 'failed';
    return emptyReport(plugin, kind, atHost(messageOf(outcome.error)));
  }
  const report = reportFindings(plugin, outcome.findings, atHost);
  const isEmpty = report.resources.every(({ devices }) => devices.length === 0);
  return isEmpty ? { ...report, lookedAt: await lookedAt(host) } : report;
}

function emptyReport(plugin: string, outcome: 'failed' | 'refused', problem: string): PluginReport {
  return { plugin, outcome, problem, resources: [], remarks: [], lookedAt: [] };
}

/** Takes the place of the host out of paths, and out of messages that name them. */
function pathsAtHost(host: RecordingHost): (text: string) => string {
  const root = host.path('/');
  return root === '/' ? (text) => text : (text) => text.replaceAll(root, '/');
}

/** The directories whose entries it asked for. */
async function lookedAt(host: RecordingHost): Promise<readonly LookedAt[]> {
  const listed = [...host.reads].flatMap(([path, { names }]) => (names === undefined ? [] : [{ path, names }]));
  const places = await Promise.all(
    listed.map(async ({ path, names }) => ({ path, ...((await host.exists(path)) && { entries: names.length }) })),
  );
  return places.sort((a, b) => (a.path < b.path ? -1 : 1));
}
