// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { kubeletSocketName, maxMessageBytes } from '@kube-device-plugins/core/kubelet-api';
import type { Clock } from './clock.ts';
import type { DeviceManager } from './device-manager.ts';
import type { FakeKubeletOptions } from './fake-kubelet-options.ts';
import type { CallLog } from './kubelet-call.ts';
import type { KubeletEvent, StopKind } from './kubelet-event.ts';
import type { FaultPlan } from './kubelet-faults.ts';
import type { KubeletTraits } from './kubelet-profile.ts';
import { PluginClients } from './plugin-clients.ts';
import { PluginRegistrar } from './plugin-registrar.ts';
import { PluginWatcher } from './plugin-watcher.ts';
import { PodResourcesService } from './pod-resources-service.ts';
import { registerWatchedPlugin } from './watched-plugin.ts';

/** What a run goes by. */
export interface RunSettings {
  readonly options: FakeKubeletOptions;
  readonly traits: KubeletTraits;
  readonly clock: Clock;
  readonly manager: DeviceManager;
  readonly calls: CallLog;
  readonly faults: () => FaultPlan;
  readonly emit: (event: KubeletEvent) => void;
}

/** Upstream: pkg/kubelet/cm/devicemanager/plugin/v1beta1/client.go, dial. */
const kubeletDialTimeoutMs = 10_000;

/** Upstream: pkg/kubelet/pluginmanager/plugin_manager.go, loopSleepDuration. */
const kubeletWatcherPeriodMs = 1000;

/** What exists only while the kubelet runs, but for kubelet.sock. */
export class KubeletRun {
  readonly clients: PluginClients;
  readonly registrar: PluginRegistrar;
  readonly #settings: RunSettings;
  readonly #dialTimeoutMs: number;
  #watcher: PluginWatcher | undefined;
  #podResources: PodResourcesService | undefined;

  constructor(settings: RunSettings) {
    const { options, traits, manager, calls, faults, emit } = settings;
    const { dir, dialTimeoutMs = kubeletDialTimeoutMs, beforeRegister, limits = {} } = options;
    this.#settings = settings;
    this.#dialTimeoutMs = dialTimeoutMs;
    this.clients = new PluginClients(traits.clientKey, manager);
    this.registrar = new PluginRegistrar({
      dir,
      clients: this.clients,
      resources: manager.resources,
      traits,
      dialTimeoutMs,
      maxMessageBytes: limits.messageBytes ?? maxMessageBytes,
      windowBytes: limits.windowBytes,
      calls,
      faults,
      beforeRegister,
      emit,
    });
  }

  /** Begins to serve podresources and to watch for plugins, as far as that is wanted. Rejects when it cannot. */
  async start(): Promise<void> {
    const { options, manager, traits, clock } = this.#settings;
    const { pluginsRegistryDir, pluginWatcherPeriodMs = kubeletWatcherPeriodMs, podResourcesDir } = options;
    if (podResourcesDir !== undefined) {
      const socketPath = join(podResourcesDir, kubeletSocketName);
      this.#podResources = new PodResourcesService({ socketPath, manager, traits, clock });
      await this.#podResources.listening();
    }
    if (pluginsRegistryDir === undefined) return;
    const handler = { register: (path: string, signal: AbortSignal) => this.#registerFound(path, signal) };
    this.#watcher = new PluginWatcher({ dir: pluginsRegistryDir, periodMs: pluginWatcherPeriodMs, clock, handler });
  }

  /** At once, as far as anybody outside can tell; resolves when all of it is gone. */
  async close(kind: StopKind): Promise<void> {
    this.#watcher?.close();
    this.clients.close(kind);
    await this.#podResources?.close(kind);
  }

  async #registerFound(socketPath: string, signal: AbortSignal): Promise<() => void> {
    const { calls, emit } = this.#settings;
    const connect = (resource: string, endpoint: string): Promise<void> =>
      this.registrar.registerFound(resource, endpoint);
    const settings = { dialTimeoutMs: this.#dialTimeoutMs, calls, connect };
    const { resource, endpoint } = await registerWatchedPlugin(socketPath, settings, signal);
    return () => {
      this.clients.deregister(resource, endpoint);
      emit({ type: 'deregistered', resource, endpoint });
    };
  }
}
