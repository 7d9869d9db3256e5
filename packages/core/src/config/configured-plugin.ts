// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import type { FlagDefinitions } from '../cli/flag-definition.ts';
import type { Environment } from '../cli/go-flags.ts';
import type { DevicePlugin, Notifier } from '../device-plugin.ts';
import type { DeviceTree } from '../device-tree.ts';
import { log, setVerbosity } from '../log/log.ts';
import { currentTelemetry } from '../observe/telemetry.ts';
import type { PluginDefinition } from '../plugin-definition.ts';
import type { Host } from '../scan/host.ts';
import { repeat, requestRescan } from '../scan/rescan.ts';
import { aborted, childController } from '../serve/abortable.ts';
import { LiveConfig } from './live-config.ts';
import { MaintenanceClock } from './maintenance-clock.ts';
import { isLive, pluginConfigSpec, type FlagSources, type Settings } from './plugin-config.ts';
import type { Config } from './read-config.ts';
import { Succession, type Generation } from './succession.ts';
import { changedCapabilities, throughCurrent } from './through-current.ts';
import { WaitingFlags } from './waiting-flags.ts';

/** A plugin and its file of -config. */
export interface PluginWithConfig<D extends FlagDefinitions> {
  readonly path: string;
  readonly definition: PluginDefinition<D>;
  readonly sources: FlagSources<D>;
  readonly env: Environment;
}

/**
 * Reads the file of a plugin.
 *
 * @throws DevicePluginError `CONFIG_INVALID` with all that is wrong with it.
 */
export async function openConfiguredPlugin<D extends FlagDefinitions>(
  plugin: PluginWithConfig<D>,
): Promise<ConfiguredPlugin<D>> {
  const spec = pluginConfigSpec(plugin.definition, plugin.sources, plugin.env);
  const { live, config } = await LiveConfig.open(plugin.path, spec);
  return new ConfiguredPlugin(plugin, live, config);
}

/**
 * A plugin that is made anew when its flags change, behind one that never ends. What it finds goes on as it comes, so that a resource hears
 * of a change of flags only where a device has changed; until the new one has found its devices, those of the old one stay.
 */
export class ConfiguredPlugin<D extends FlagDefinitions> {
  readonly #about: PluginWithConfig<D>;
  readonly #live: LiveConfig;
  readonly #clock: MaintenanceClock;
  readonly #waiting: WaitingFlags;
  /** The own keys of the file, as the latest plugin sees them. */
  #own: { current: unknown } | undefined;
  #settings: Settings<D>;
  #first: DevicePlugin | undefined;
  /** Who is asked: the one whose devices are listed. */
  #serving: DevicePlugin | undefined;
  #tree: DeviceTree | undefined;

  constructor(about: PluginWithConfig<D>, live: LiveConfig, config: Config) {
    this.#about = about;
    this.#live = live;
    this.#settings = about.sources.resolve(config.values);
    this.#waiting = new WaitingFlags(this.#settings.values, isLive);
    this.#own = ownHandle(config);
    this.#clock = new MaintenanceClock(about.definition.namespace, config.maintenance);
  }

  /** What the flags come to at the start. */
  get settings(): Settings<D> {
    return this.#settings;
  }

  /** Makes the plugin; rejects as its create() does. */
  async make(host: Host, signal: AbortSignal): Promise<DevicePlugin> {
    const first = await this.#create(this.#settings, this.#own, host, signal);
    const { plugin } = first;
    this.#first = plugin;
    return throughCurrent(
      plugin,
      () => this.#serving ?? plugin,
      (notifier, scanSignal) => this.#scan(first, host, notifier, scanSignal),
    );
  }

  async #create(
    { own, common }: Settings<D>,
    ownConfig: { readonly current: unknown } | undefined,
    host: Host,
    signal: AbortSignal,
  ): Promise<Generation> {
    const { controller, release } = childController(signal);
    const { definition, env } = this.#about;
    controller.signal.addEventListener('abort', release, { once: true });
    try {
      const flags = { ...own, ...common, ...(ownConfig && { ownConfig }) };
      const plugin = await definition.create(flags, host, env, controller.signal);
      return { plugin, controller };
    } catch (error) {
      controller.abort();
      throw error;
    }
  }

  async #scan(first: Generation, host: Host, notifier: Notifier, signal: AbortSignal): Promise<void> {
    const publish = (): void => {
      if (this.#tree !== undefined && !signal.aborted) notifier.notify(this.#clock.appliedTo(this.#tree));
    };
    const telemetry = currentTelemetry();
    const onTree = (tree: DeviceTree, plugin: DevicePlugin): void => {
      this.#serving = plugin;
      this.#tree = tree;
      publish();
    };
    const plugins = new Succession(onTree, () => telemetry.lastScan?.error !== undefined);
    this.#clock.start(publish);
    plugins.start(first);
    const when = { everyMs: this.#settings.common.scanPeriodMs, watch: [this.#live.directory] };
    const watching = repeat(when, signal, async () => {
      await this.#live.refresh((config) => this.#apply(config, host, plugins, signal));
      this.#clock.look();
    });
    try {
      await Promise.race([plugins.ended, aborted(signal)]);
    } finally {
      this.#clock.stop();
      if (signal.aborted) await watching;
      await plugins.stop();
    }
  }

  async #apply(config: Config, host: Host, plugins: Succession, signal: AbortSignal): Promise<void> {
    const settings = this.#asRunning(this.#about.sources.resolve(config.values));
    const isSame = isDeepStrictEqual(relevant(settings, config.own), relevant(this.#settings, this.#own?.current));
    const own = ownHandle(config);
    const next = isSame ? undefined : await this.#create(settings, own, host, signal);
    if (settings.klog !== undefined) setVerbosity(settings.klog);
    this.#waiting.tell(settings.values);
    this.#settings = settings;
    this.#clock.setEntries(config.maintenance);
    if (next !== undefined) {
      this.#own = own;
      this.#warnOfCapabilities(next.plugin);
      await plugins.replace(next, signal);
    } else if (this.#own !== undefined && !isDeepStrictEqual(this.#own.current, config.own)) {
      this.#own.current = config.own;
      requestRescan();
    }
  }

  /** What is registered stays where it is, whatever the file says now. */
  #asRunning(settings: Settings<D>): Settings<D> {
    return { ...settings, common: { ...this.#settings.common, scanPeriodMs: settings.common.scanPeriodMs } };
  }

  #warnOfCapabilities(next: DevicePlugin): void {
    const calls = this.#first === undefined ? [] : changedCapabilities(this.#first, next);
    if (calls.length > 0)
      log.warn('kubelets know from the start on which calls to make, restart the plugin', { calls });
  }
}

/** For another value of which a plugin is made anew. */
function relevant<D extends FlagDefinitions>({ own, common }: Settings<D>, ownConfig: unknown): unknown {
  return { own, scanPeriodMs: common.scanPeriodMs, hasOwnConfig: ownConfig !== undefined };
}

function ownHandle({ own }: Config): { current: unknown } | undefined {
  return own === undefined ? undefined : { current: own };
}
