// SPDX-License-Identifier: Apache-2.0
import type { CommonOptions } from '../cli/common-flags.ts';
import type { FlagDefinitions } from '../cli/flag-definition.ts';
import { fault, parseFlagsFile } from '../cli/flags-file.ts';
import type { DevicePlugin } from '../device-plugin.ts';
import { DevicePluginError } from '../errors.ts';
import { log } from '../log/log.ts';
import { Manager } from '../manage/manager.ts';
import { currentTelemetry } from '../observe/telemetry.ts';
import type { PluginDefinition, PluginFlagValues } from '../plugin-definition.ts';
import { hostOf } from '../scan/host-of.ts';
import { aborted } from '../serve/abortable.ts';
import { readFlagsFile } from './read-flags-file.ts';

/** One of several plugins of a process. */
export interface HostedPlugin {
  /** Its short name, of `-plugins` and of its flags file. */
  readonly key: string;
  readonly definition: PluginDefinition<FlagDefinitions>;
}

/** What all plugins of a process have in common. */
export interface HostedContext {
  readonly flagsDir: string;
  readonly common: CommonOptions;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/**
 * Reads the flags of a plugin, makes it, and serves it until `signal` aborts.
 *
 * @throws DevicePluginError `FLAG_INVALID` that names its flags file; what the plugin throws; what {@link Manager.run} throws.
 */
export async function livePlugin(
  { key, definition }: HostedPlugin,
  { flagsDir, common, env }: HostedContext,
  signal: AbortSignal,
): Promise<void> {
  const file = await readFlagsFile(flagsDir, key);
  const check = (values: PluginFlagValues<FlagDefinitions>): unknown => definition.check?.(values, env);
  const own = parseFlagsFile(file, definition.flags, (values) => check({ ...values, ...common }));
  await using lease = await hostOf(common);
  const making = Promise.try(() => definition.create({ ...own, ...common }, lease.host, env, signal));
  const plugin = await made(making, file.path, signal);
  if (plugin !== undefined) await new Manager(definition.namespace, plugin, common).run(signal);
}

/** The plugin, or undefined when `signal` aborts first. */
async function made(
  making: Promise<DevicePlugin>,
  flagsFile: string,
  signal: AbortSignal,
): Promise<DevicePlugin | undefined> {
  const telemetry = currentTelemetry();
  telemetry.outage = 'it is being made';
  const patience = setTimeout(() => {
    log.warn('the plugin is still being made, the others do not wait for it', { afterMs: makingPatienceMs });
  }, makingPatienceMs);
  try {
    return (await Promise.race([making, aborted(signal)])) ?? undefined;
  } catch (error) {
    throw error instanceof DevicePluginError && error.code === 'FLAG_INVALID'
      ? fault(flagsFile, undefined, error)
      : error;
  } finally {
    clearTimeout(patience);
    telemetry.outage = undefined;
  }
}

const makingPatienceMs = 10_000;
