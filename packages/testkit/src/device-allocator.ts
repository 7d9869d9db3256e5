// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '@kube-device-plugins/core';
import type { DeviceManager } from './device-manager.ts';
import { type Prefer, selectDevices } from './device-selection.ts';
import type { KubeletEvent } from './kubelet-event.ts';
import type { KubeletTraits } from './kubelet-profile.ts';
import type { PluginEndpoint } from './plugin-endpoint.ts';
import type { PodRecord } from './pods.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What one container wants of one resource. */
export interface AllocationRequest {
  readonly pod: PodRecord;
  readonly container: string;
  readonly resource: string;
  readonly size: number;
  /** Devices of earlier init containers of the same pod. */
  readonly reusable: ReadonlySet<string>;
}

/** What allocation goes by. */
export interface AllocatorSettings {
  readonly manager: DeviceManager;
  readonly random: SeededRandom;
  readonly traits: KubeletTraits;
  readonly areSourcesReady: () => boolean;
  readonly emit: (event: KubeletEvent) => void;
}

/** Gives devices of one resource to one container. Upstream: manager.go, devicesToAllocate and allocateContainerResources. */
export class DeviceAllocator {
  readonly #settings: AllocatorSettings;

  constructor(settings: AllocatorSettings) {
    this.#settings = settings;
  }

  /** The devices of this container, allocated unless it has them already. Rejects in the kubelet's words. */
  async allocate(request: AllocationRequest): Promise<readonly string[]> {
    const { manager, random, emit } = this.#settings;
    const { pod, container, resource, size, reusable } = request;
    const held = manager.assignments.ofContainer(pod.uid, container).find((held) => held.resource === resource);
    const ids = held && [...held.devices.keys()];
    if (!this.#mustAllocate(request, ids)) return ids ?? [];

    const { healthy = new Set<string>(), devices } = manager.resources.record(resource).inventory ?? {};
    const nodesOf = (id: string): readonly number[] => devices?.get(id)?.topology?.nodes.map(({ ID }) => ID) ?? [];
    const inUse = new Set(manager.assignments.holders(resource).keys());
    const chosen = await selectDevices(
      { resource, size, reusable, healthy, inUse, nodesOf, hint: pod.spec.numaHint },
      this.#prefer(resource),
      random,
    );
    const response = await this.endpointOf(resource).allocate(chosen);
    const nodesById = new Map(chosen.map((id) => [id, nodesOf(id)]));
    manager.assignments.add({ podUid: pod.uid, container, resource, devices: nodesById, response });
    manager.save();
    emit({ type: 'allocated', pod: pod.spec.pod, container, resource, ids: chosen });
    return chosen;
  }

  /** @throws Error in the kubelet's words when nobody serves the resource. */
  endpointOf(resource: string): PluginEndpoint {
    const { endpoint, state } = this.#settings.manager.resources.record(resource);
    if (endpoint === undefined) throw new Error(`unknown Device Plugin ${resource}`);
    if (state !== 'connected') throw new Error(`endpoint ${endpoint.endpoint} has been stopped`);
    return endpoint;
  }

  /** The kubelet's checks before it chooses devices, in its order. @throws Error in its words when the pod is to be refused. */
  #mustAllocate({ pod, container, resource, size }: AllocationRequest, held: readonly string[] | undefined): boolean {
    const { manager, random, traits, areSourcesReady } = this.#settings;
    if (held !== undefined && held.length !== size) {
      throw new Error(
        `pod "${pod.uid}" container "${container}" changed request for resource "${resource}" from ${held.length} to ${size}`,
      );
    }
    // After a restart of the kubelet: the container runs, whatever became of its plugin.
    const ran = !areSourcesReady() && manager.pods.ranAtStart(pod.uid, container, traits.findsAnyInstance, random);
    if (ran) return false;
    const healthy = manager.resources.record(resource).inventory?.healthy;
    if (healthy === undefined) throw new Error(`cannot allocate unregistered device ${resource}`);
    if (healthy.size === 0) {
      throw new Error(`no healthy devices present; cannot allocate unhealthy devices ${resource}`);
    }
    if (held?.every((id) => healthy.has(id)) === false) {
      throw new Error(
        `previously allocated devices are no longer healthy; cannot allocate unhealthy devices ${resource}`,
      );
    }
    return held === undefined && size > 0;
  }

  #prefer(resource: string): Prefer {
    return async (preference) => {
      const { endpoint } = this.#settings.manager.resources.record(resource);
      if (endpoint?.hasPreferences !== true) return [];
      try {
        return await this.endpointOf(resource).preferredDevices(preference);
      } catch (error) {
        const message = `device plugin GetPreferredAllocation rpc failed with err: ${messageOf(error)}`;
        throw new Error(message, { cause: error });
      }
    };
  }
}
