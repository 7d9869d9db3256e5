// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '@kube-device-plugins/core';
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { Assignments } from './assignments.ts';
import { assignmentOf, entryOf } from './checkpoint.ts';
import { type CheckpointFile, emptyCheckpoint } from './checkpoint-file.ts';
import type { Clock } from './clock.ts';
import { GracePeriod } from './grace-period.ts';
import type { PluginCallError } from './grpc/plugin-call-error.ts';
import type { KubeletEvent } from './kubelet-event.ts';
import type { KubeletTraits } from './kubelet-profile.ts';
import type { ClientHandler } from './plugin-clients.ts';
import type { PluginEndpoint } from './plugin-endpoint.ts';
import { type PodHealth, podHealthOf, podsToUpdate } from './pod-health.ts';
import { Pods } from './pods.ts';
import { ResourceTable } from './resource-table.ts';
import type { DeviceView, ResourceView } from './resource-view.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What the device manager goes by. */
export interface DeviceManagerSettings {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly traits: KubeletTraits;
  readonly checkpoint: CheckpointFile;
  readonly emit: (event: KubeletEvent) => void;
}

/** Everything the kubelet knows of plugins, devices and pods, and what changes it. Upstream: pkg/kubelet/cm/devicemanager/manager.go. */
export class DeviceManager implements ClientHandler {
  readonly resources = new ResourceTable();
  readonly assignments = new Assignments();
  readonly pods = new Pods();
  readonly #settings: DeviceManagerSettings;
  readonly #grace: GracePeriod;

  constructor(settings: DeviceManagerSettings) {
    this.#settings = settings;
    this.#grace = new GracePeriod(settings.clock, (resource) => this.#forget(resource));
  }

  /** Takes up what the checkpoint says; every plugin in it has its grace period to come back. */
  start(): void {
    const { PodDeviceEntries, RegisteredDevices } = this.#readCheckpoint();
    const resources = Object.keys(RegisteredDevices);
    this.assignments.restore(PodDeviceEntries.map(assignmentOf));
    this.resources.started(resources);
    for (const resource of resources) this.#grace.begin(resource);
    this.pods.kubeletStarted();
  }

  stop(): void {
    this.#grace.endAll();
    this.resources.stopped();
  }

  pluginConnected(plugin: PluginEndpoint, options: deviceplugin.DevicePluginOptions): void {
    const { resource, endpoint } = plugin;
    this.#grace.end(resource);
    this.resources.connected(plugin);
    this.#settings.emit({ type: 'registered', resource, endpoint, options });
  }

  pluginListed({ resource, endpoint }: PluginEndpoint, devices: readonly deviceplugin.Device[]): void {
    const { random, traits, emit } = this.#settings;
    const before = this.resources.record(resource).inventory?.devices;
    this.resources.listed(resource, devices);
    this.#tryToSave();
    emit({ type: 'listed', resource, endpoint, devices });
    if (traits.podHealth !== 'on') return;
    for (const uid of podsToUpdate(before, devices, this.assignments, random)) {
      const pod = this.pods.nameOf(uid);
      if (pod !== undefined) emit({ type: 'podHealthChanged', pod });
    }
  }

  pluginDisconnected(resource: string, socketPath: string | undefined): void {
    if (this.resources.disconnected(resource, socketPath)) this.#grace.begin(resource);
  }

  streamEnded({ resource, endpoint }: PluginEndpoint, error: PluginCallError | undefined): void {
    this.#settings.emit({ type: 'streamEnded', resource, endpoint, error });
  }

  /** Whether the kubelet takes a limit for one of devices: somebody lists the resource, or a container has devices of it. */
  isDeviceResource(resource: string): boolean {
    return this.resources.record(resource).inventory !== undefined || this.assignments.holders(resource).size > 0;
  }

  /** Frees the devices of pods that are over. The kubelet does it only when it is about to allocate. */
  collectGarbage(): void {
    this.assignments.keepOnly(this.pods.activeUids());
  }

  /** @throws Error when the checkpoint cannot be written. */
  save(): void {
    this.#settings.checkpoint.write({
      PodDeviceEntries: this.assignments.all.map(entryOf),
      RegisteredDevices: this.resources.healthyIds(),
    });
  }

  views(): ReadonlyMap<string, ResourceView> {
    return this.resources.views((resource) => this.#holders(resource));
  }

  podHealth(name: string): PodHealth {
    const pod = this.pods.find(name);
    if (pod === undefined || this.#settings.traits.podHealth !== 'on') return {};
    return podHealthOf(pod, this.assignments, this.resources);
  }

  #holders(resource: string): ReadonlyMap<string, DeviceView['holder']> {
    const holders = [...this.assignments.holders(resource)].map(([id, { podUid, container }]) => {
      const pod = this.pods.nameOf(podUid);
      return [id, pod === undefined ? undefined : { pod, container }] as const;
    });
    return new Map(holders);
  }

  #forget(resource: string): void {
    this.resources.forgotten(resource);
    this.#tryToSave();
    this.#settings.emit({ type: 'forgotten', resource });
  }

  #readCheckpoint(): ReturnType<CheckpointFile['read']> {
    const checkpoint = this.#settings.checkpoint.read();
    try {
      // One whose answers cannot be decoded is as good as none.
      checkpoint.PodDeviceEntries.forEach(assignmentOf);
      return checkpoint;
    } catch {
      return emptyCheckpoint;
    }
  }

  /** Outside of an admission the kubelet only logs that it cannot write. */
  #tryToSave(): void {
    try {
      this.save();
    } catch (error) {
      this.#settings.emit({ type: 'checkpointFailed', message: messageOf(error) });
    }
  }
}
