// SPDX-License-Identifier: Apache-2.0
import type { FlagDefinitions } from '../cli/flag-definition.ts';
import type { DevicePlugin } from '../device-plugin.ts';
import type { DeviceTree } from '../device-tree.ts';
import { DevicePluginError } from '../errors.ts';
import { divertRemarks, type Remark, type RemarkLog } from '../log/remark-log.ts';
import { telemetryOf } from '../observe/telemetry.ts';
import type { PluginDefinition, PluginFlagValues } from '../plugin-definition.ts';
import { inScope } from '../plugin-scope.ts';
import type { Host } from '../scan/host.ts';
import { aborted, childController, isSettled, pause } from '../serve/abortable.ts';
import { namedDevices, type NamedDevices } from './named-devices.ts';

/** What a plugin found of a host: devices by the full names of their resources, those left out, and what it remarks on. */
export interface ScanFindings extends NamedDevices {
  /** What the plugin told its {@link RemarkLog} of the scan. */
  readonly remarks: readonly Remark[];
}

/** What a plugin is made with, and how long it may take. */
export interface ScanOnceOptions<D extends FlagDefinitions> {
  readonly flags: PluginFlagValues<D>;
  readonly host: Host;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly timeoutMs: number;
}

/**
 * Makes a plugin, has it scan once, and returns what a {@link Manager} would be told. Nothing is served, registered or written;
 * a plugin that could change the host has to be given one that is read only. One call at a time: remarks are those of the process.
 *
 * @throws DevicePluginError `SCAN_TIMEOUT` when there is no list of devices in time; what create() throws and what the scan fails with.
 */
export async function scanOnce<D extends FlagDefinitions>(
  definition: PluginDefinition<D>,
  options: ScanOnceOptions<D>,
  signal: AbortSignal,
): Promise<ScanFindings> {
  const { controller, release } = childController(signal);
  const timer = setTimeout(() => {
    controller.abort(timeoutError(definition.name, options.timeoutMs));
  }, options.timeoutMs);
  const remarks = new Map<RemarkLog, readonly Remark[]>();
  const undivert = divertRemarks((told, teller) => remarks.set(teller, told));
  const { promise: stray, reject: onStrayError } = Promise.withResolvers<never>();
  const stopped = aborted(controller.signal).then(() => Promise.reject(controller.signal.reason as Error));
  try {
    const scope = { name: definition.name, onStrayError };
    const tree = inScope(scope, () => firstTree(definition, options, controller.signal));
    const named = namedDevices(definition.namespace, await Promise.race([tree, stray, stopped]));
    return { ...named, remarks: [...remarks.values()].flat() };
  } finally {
    clearTimeout(timer);
    controller.abort();
    await Promise.allSettled([stopped]);
    undivert();
    release();
  }
}

async function firstTree<D extends FlagDefinitions>(
  definition: PluginDefinition<D>,
  { flags, host, env }: ScanOnceOptions<D>,
  parent: AbortSignal,
): Promise<DeviceTree> {
  const { controller, release } = childController(parent);
  const { signal } = controller;
  const found: Found = { tree: undefined };
  try {
    const plugin = await definition.create(flags, host, env, signal);
    telemetryOf(definition.name).restarted();
    const scan = Promise.try(() => plugin.scan(notifierTo(found), signal));
    await Promise.race([scan, endOfFirstScan(definition.name, found, signal)]).finally(() => controller.abort());
    await isSettled(scan, graceMs);
  } finally {
    controller.abort();
    release();
  }
  if (found.tree === undefined)
    throw new DevicePluginError('SCAN_TIMEOUT', `${definition.name} ended its scan and told of no devices`);
  return found.tree;
}

interface Found {
  tree: DeviceTree | undefined;
}

function notifierTo(found: Found): Parameters<DevicePlugin['scan']>[0] {
  return {
    notify: (tree) => {
      found.tree = tree;
    },
  };
}

/**
 * Rejects with what the scan failed with, which {@link rescan} tells nobody but the telemetry. A scanner that does without rescan() tells
 * of no end: when its first tree has stood for a moment, that is it.
 */
async function endOfFirstScan(plugin: string, found: Found, signal: AbortSignal): Promise<void> {
  const telemetry = telemetryOf(plugin);
  for (let quietMs = 0; telemetry.lastScan === undefined && quietMs < treeQuietMs && !signal.aborted;) {
    await pause(pollMs, signal);
    quietMs = found.tree === undefined ? 0 : quietMs + pollMs;
  }
  if (telemetry.lastScan?.error !== undefined) throw telemetry.lastScan.error as Error;
}

function timeoutError(plugin: string, timeoutMs: number): DevicePluginError {
  return new DevicePluginError('SCAN_TIMEOUT', `${plugin} told of no devices within ${timeoutMs} ms`);
}

const pollMs = 5;
const treeQuietMs = 200;
/** How long a scan may take to stop, as in {@link Manager}. */
const graceMs = 5_000;
