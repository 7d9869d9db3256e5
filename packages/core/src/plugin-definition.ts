// SPDX-License-Identifier: Apache-2.0
import type { CommonOptions } from './cli/common-flags.ts';
import type { FlagDefinitions, FlagValues } from './cli/flag-definition.ts';
import type { ConfigValue } from './config/config-value.ts';
import type { Schema } from './config/schema.ts';
import type { DevicePlugin } from './device-plugin.ts';
import type { Check } from './doctor/check.ts';
import type { Host } from './scan/host.ts';

/** A plugin as `runPlugin()` runs it in a process of its own, and `runPlugins()` together with others. */
export interface PluginDefinition<D extends FlagDefinitions> {
  /** Name of the program: `gpu-plugin`. */
  readonly name: string;
  /** Prefix of its resources: `gpu.intel.com`. */
  readonly namespace: string;
  /** Its own flags; every plugin has the common ones and klog's besides. */
  readonly flags: D;
  /**
   * Makes the plugin. A DevicePluginError `FLAG_INVALID` ends the process with 2, anything else that it throws with 1;
   * what it is still waiting for when the process is to stop is not waited for.
   *
   * @param flags - the values of its own flags by their names, and the common options.
   * @param host - /sys and /dev, below `-prefix`.
   * @param signal - aborts when this plugin is to end. Its process may go on, and make it anew.
   */
  create(
    flags: PluginFlagValues<D>,
    host: Host,
    env: Readonly<NodeJS.ProcessEnv>,
    signal: AbortSignal,
  ): DevicePlugin | Promise<DevicePlugin>;
  /**
   * Finds fault with flags that are right one by one, as create() would, and does nothing else: where flags are in a file,
   * that is how the line to blame is found.
   *
   * @throws DevicePluginError `FLAG_INVALID`
   */
  check?(flags: PluginFlagValues<D>, env: Readonly<NodeJS.ProcessEnv>): unknown;
  /** What the file of -config may say beside flags and maintenance. */
  readonly config?: OwnConfig<D>;
  /** Called once, before anything else, with the process that the plugin is to run in. For what cannot be had without. */
  prepareProcess?(process: NodeJS.Process): void;
  /**
   * What can be wrong with a node for this plugin, beside what can be for any: for `kdp doctor`, and for a start that failed.
   * Import it here and nowhere else, so that only they load it: `async () => (await import('./plugin/doctor.ts')).checks`.
   */
  doctor?(): Promise<readonly Check[]>;
}

/** Keys of a configuration file that mean something to one plugin alone. They go before flags of the same name. */
export interface OwnConfig<D extends FlagDefinitions> {
  readonly keys: readonly string[];
  /** Of a whole file without flags and maintenance. */
  readonly schema: Schema;
  /** Parts of it that have a name in JSON. */
  readonly definitions?: Readonly<Record<string, Schema>>;
  /** Rejects what is wrong. @param root - a mapping with its own keys, or what stands in the place of one. */
  check(root: ConfigValue, flags: PluginFlagValues<D>, env: Readonly<NodeJS.ProcessEnv>): void;
}

/** The values of a plugin's own flags by their names, the common options, and what its file says beside them. */
export type PluginFlagValues<D extends FlagDefinitions> = FlagValues<D> & CommonOptions & ConfiguredValues;

/** What comes from a file and is no flag. */
export interface ConfiguredValues {
  /**
   * The keys that are the plugin's own, which its {@link OwnConfig} has found sound; without it the file has none of them. The value is
   * another one when the file has changed, and a rescan is requested then. That is all that happens when nothing but these keys changes;
   * for another value of a flag the plugin is made anew.
   */
  readonly ownConfig?: { readonly current: unknown };
}
