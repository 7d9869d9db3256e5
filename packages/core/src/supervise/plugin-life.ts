// SPDX-License-Identifier: Apache-2.0
import type { CommonOptions } from '../cli/common-flags.ts';
import type { FlagDefinitions } from '../cli/flag-definition.ts';
import { fault, type FlagsFile } from '../cli/flags-file.ts';
import type { DevicePlugin } from '../device-plugin.ts';
import { DevicePluginError } from '../errors.ts';
import { log } from '../log/log.ts';
import { Manager } from '../manage/manager.ts';
import { currentTelemetry } from '../observe/telemetry.ts';
import type { PluginDefinition } from '../plugin-definition.ts';
import type { Host } from '../scan/host.ts';
import { hostOf } from '../scan/host-of.ts';
import { aborted } from '../serve/abortable.ts';
import { hostedConfigPath, hostedSources, parseHostedFlags } from './hosted-config.ts';
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
 * Reads the flags of a plugin, and its configuration file if it has one, makes it, and serves it until `signal` aborts.
 *
 * @throws DevicePluginError `FLAG_INVALID` that names its flags file, `CONFIG_INVALID` that names its configuration file; what the plugin throws; what {@link Manager.run} throws.
 */
export async function livePlugin(plugin: HostedPlugin, context: HostedContext, signal: AbortSignal): Promise<void> {
  const { key, definition } = plugin;
  const file = await readFlagsFile(context.flagsDir, key);
  const config = hostedConfigPath(context.flagsDir, key, file, parseHostedFlags(definition.flags, file).config);
  const common = { ...context.common, config };
  await using lease = await hostOf(common);
  const making = make(definition, file, { ...context, common }, lease.host, signal);
  const made = await beforeAbort(making, signal);
  if (made !== undefined) await new Manager(definition.namespace, made, common).run(signal);
}

async function make(
  definition: PluginDefinition<FlagDefinitions>,
  file: FlagsFile,
  { common, env }: HostedContext,
  host: Host,
  signal: AbortSignal,
): Promise<DevicePlugin> {
  if (common.config !== '') {
    const { openConfiguredPlugin } = await import('../config/configured-plugin.ts');
    const sources = hostedSources(definition, file, common);
    const configured = await openConfiguredPlugin({ path: common.config, definition, sources, env });
    return await blaming(common.config, () => configured.make(host, signal));
  }
  const check = (values: Readonly<Record<string, unknown>>): unknown =>
    definition.check?.({ ...values, ...common }, env);
  const own = parseHostedFlags(definition.flags, file, new Map(), check);
  return await blaming(file.path, () => definition.create({ ...own, ...common }, host, env, signal));
}

/** With the file in front of what is wrong with the flags in it. */
async function blaming(path: string, create: () => DevicePlugin | Promise<DevicePlugin>): Promise<DevicePlugin> {
  try {
    return await create();
  } catch (error) {
    const isOfFlags = error instanceof DevicePluginError && error.code === 'FLAG_INVALID';
    throw isOfFlags ? fault(path, undefined, error) : error;
  }
}

/** The plugin, or undefined when `signal` aborts first. */
async function beforeAbort(making: Promise<DevicePlugin>, signal: AbortSignal): Promise<DevicePlugin | undefined> {
  const telemetry = currentTelemetry();
  telemetry.outage = 'it is being made';
  const patience = setTimeout(() => {
    log.warn('the plugin is still being made, the others do not wait for it', { afterMs: makingPatienceMs });
  }, makingPatienceMs);
  try {
    return (await Promise.race([making, aborted(signal)])) ?? undefined;
  } finally {
    clearTimeout(patience);
    telemetry.outage = undefined;
  }
}

const makingPatienceMs = 10_000;
