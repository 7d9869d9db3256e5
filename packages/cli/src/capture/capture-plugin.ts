// SPDX-License-Identifier: Apache-2.0
import { machine, release } from 'node:os';
import { messageOf, type CaptureDescription } from '@kube-device-plugins/core';
import type { AnyPlugin } from '../plugins/find-plugin.ts';
import { isRefusal, scanPlugin, type PluginScan, type ScanSettings } from '../plugins/scan-plugin.ts';
import { captureArchive } from './capture-archive.ts';
import { collectEntries, type CollectedEntries } from './collect-entries.ts';
import { redact, type SecretKind } from './redact.ts';

/** A capture, and what whoever makes it should know of it. */
export interface Capture {
  readonly archive: Uint8Array;
  readonly description: CaptureDescription;
  readonly entryCount: number;
  /** How many values were replaced; empty without redaction. */
  readonly redactions: ReadonlyMap<SecretKind, number>;
  /** Why the scan failed, which is no reason not to capture what it read. */
  readonly scanProblem: string | undefined;
}

/** How to capture, and what of the machine cannot be read from it. */
export interface CaptureSettings extends ScanSettings {
  /** What stands in the description: the arguments without those that say where to look. */
  readonly pluginFlags: readonly string[];
  readonly version: string;
  /** Names of the host, to redact; undefined to redact nothing. */
  readonly hostNames: readonly string[] | undefined;
}

/**
 * Has a plugin scan once and records what it reads of the host.
 *
 * @throws DevicePluginError `FLAG_INVALID` for flags that the plugin does not take, `CAPTURE_INVALID` when it reads too much.
 */
export async function capturePlugin(
  plugin: AnyPlugin,
  settings: CaptureSettings,
  signal: AbortSignal,
): Promise<Capture> {
  return await scanPlugin(plugin, settings, signal, (scan) => captureScan(plugin.name, scan, settings));
}

async function captureScan(
  plugin: string,
  { host, outcome }: PluginScan,
  { pluginFlags, version, hostNames }: CaptureSettings,
): Promise<Capture> {
  if ('error' in outcome && isRefusal(outcome.error)) throw outcome.error;
  const collected = collectEntries(host.path('/'), host.reads);
  const texts = [...pluginFlags, ...pathsOf(collected)];
  const redacted = hostNames === undefined ? undefined : redact(collected.entries, hostNames, texts);
  const text = redacted?.redactText ?? ((unchanged: string) => unchanged);
  const entries = redacted?.entries ?? collected.entries;
  const description: CaptureDescription = {
    formatVersion: 1,
    plugin,
    version,
    flags: pluginFlags.map(text),
    kernel: release(),
    machine: machine(),
    capturedAt: new Date().toISOString(),
    redacted: redacted !== undefined,
    absent: collected.absent.map(text),
    unreadable: collected.unreadable.map(({ path, errno }) => ({ path: text(path), errno: text(errno) })),
    outside: collected.outside.map(text),
  };
  return {
    archive: await captureArchive(description, entries),
    description,
    entryCount: entries.size,
    redactions: redacted?.counts() ?? new Map(),
    scanProblem: 'error' in outcome ? messageOf(outcome.error) : undefined,
  };
}

/** Those of which nothing is in the tree. */
function pathsOf({ absent, unreadable, outside }: CollectedEntries): readonly string[] {
  return [...absent, ...unreadable.map(({ path }) => path), ...outside];
}
