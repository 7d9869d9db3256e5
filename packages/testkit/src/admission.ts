// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '@kube-device-plugins/core';
import type { Assignment, Assignments } from './assignments.ts';
import { selectDevices } from './device-selection.ts';
import type { KubeletEvent } from './kubelet-event.ts';
import type { PluginEndpoint } from './plugin-endpoint.ts';
import {
  type AdmittedContainer,
  type AdmittedPod,
  ContainerStartError,
  type ContainerSpec,
  type InitContainerSpec,
  type PodSpec,
  UnexpectedAdmissionError,
} from './pod-spec.ts';
import type { ResourceTable } from './resource-table.ts';
import { mergeResponses } from './response-merge.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What admission works on. */
export interface AdmissionSettings {
  readonly resources: ResourceTable;
  readonly assignments: Assignments;
  readonly random: SeededRandom;
  readonly preStartTimeoutMs: number;
  readonly emit: (event: KubeletEvent) => void;
}

/** Resource → devices that the next containers of the same pod may take. */
type ReusableDevices = Map<string, readonly string[]>;

/**
 * Gives devices to pods. Texts and order of the checks are the kubelet's.
 * Upstream: pkg/kubelet/cm/devicemanager/manager.go, Allocate and allocateContainerResources.
 */
export class Admission {
  readonly #settings: AdmissionSettings;
  #last: Promise<unknown> = Promise.resolve();

  constructor(settings: AdmissionSettings) {
    this.#settings = settings;
  }

  /** One pod after the other: a plugin that does not answer holds up all pods of the node. */
  admit<Name extends string>(spec: PodSpec<Name>): Promise<AdmittedPod<Name>> {
    const admitted = this.#last.then(() => this.#admitNow(spec));
    this.#last = admitted.catch(() => undefined);
    return admitted;
  }

  /** PreStartContainer for each device resource of the container, then what the container runs with. */
  async startContainer(pod: string, container: string): Promise<AdmittedContainer> {
    const { assignments, resources, random, preStartTimeoutMs, emit } = this.#settings;
    for (const { resource, ids } of random.shuffle(assignments.ofContainer(pod, container))) {
      // After a restart of the kubelet, and until the plugin registers again, its options are not known and it is not asked.
      if (resources.record(resource).endpoint === undefined) continue;
      try {
        await this.#endpointOf(resource).preStartContainer(random.shuffle(ids), preStartTimeoutMs);
      } catch (error) {
        const message = `device plugin PreStartContainer rpc failed with err: ${messageOf(error)}`;
        throw new ContainerStartError(message, { cause: error });
      }
    }
    emit({ type: 'containerStarted', pod, container });
    return this.#resourcesOf(pod, container);
  }

  async #admitNow<Name extends string>(spec: PodSpec<Name>): Promise<AdmittedPod<Name>> {
    const { assignments, emit } = this.#settings;
    const { pod, initContainers = [], containers } = spec;
    const reusable: ReusableDevices = new Map();
    try {
      for (const container of initContainers) await this.#allocateContainer(pod, container, true, reusable);
      for (const container of containers) await this.#allocateContainer(pod, container, false, reusable);
    } catch (error) {
      // The kubelet takes the devices back before it allocates any again.
      assignments.deletePod(pod);
      const message = `Allocate failed due to ${messageOf(error)}, which is unexpected`;
      emit({ type: 'rejected', pod, message });
      throw new UnexpectedAdmissionError(pod, message, { cause: error });
    }
    const admitted = [...initContainers, ...containers].map(({ name }) => [name, this.#resourcesOf(pod, name)]);
    return { pod, containers: Object.fromEntries(admitted) as AdmittedPod<Name>['containers'] };
  }

  async #allocateContainer(
    pod: string,
    container: ContainerSpec | InitContainerSpec,
    isInit: boolean,
    reusable: ReusableDevices,
  ): Promise<void> {
    const limits = Object.entries(container.limits ?? {}).filter(([resource]) => resource.includes('/'));
    for (const [resource, size] of this.#settings.random.shuffle(limits)) {
      const pool = reusable.get(resource) ?? [];
      const ids = await this.#allocate({ pod, container: container.name, resource, size }, new Set(pool));
      const others = pool.filter((id) => !ids.includes(id));
      reusable.set(resource, isInit && !('restartPolicy' in container) ? [...others, ...ids] : others);
    }
  }

  /** The devices of this container, allocated unless it has them already. */
  async #allocate(request: AllocationRequest, reusable: ReadonlySet<string>): Promise<readonly string[]> {
    const { resources, assignments, random, emit } = this.#settings;
    const { pod, container, resource, size } = request;
    const held = assignments.ofContainer(pod, container).find((assignment) => assignment.resource === resource);
    const healthy = resources.record(resource).inventory?.healthy;
    const problem = problemWith(request, healthy, held?.ids);
    if (problem !== undefined) throw new Error(problem);
    if (held !== undefined || size === 0) return held?.ids ?? [];

    const ids = await selectDevices(
      { resource, size, reusable, healthy: healthy ?? new Set(), inUse: new Set(assignments.holders(resource).keys()) },
      (preference) => this.#preferredDevices(resource, preference),
      random,
    );
    const response = await this.#endpointOf(resource).allocate(ids);
    assignments.add({ pod, container, resource, ids, response });
    emit({ type: 'allocated', pod, container, resource, ids });
    return ids;
  }

  async #preferredDevices(
    resource: string,
    preference: Parameters<PluginEndpoint['preferredDevices']>[0],
  ): Promise<readonly string[]> {
    try {
      return await this.#endpointOf(resource).preferredDevices(preference);
    } catch (error) {
      throw new Error(`device plugin GetPreferredAllocation rpc failed with err: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  #endpointOf(resource: string): PluginEndpoint {
    const { endpoint, isStopped } = this.#settings.resources.record(resource);
    if (endpoint === undefined) throw new Error(`unknown Device Plugin ${resource}`);
    if (isStopped) throw new Error(`endpoint ${endpoint.endpoint} has been stopped`);
    return endpoint;
  }

  #resourcesOf(pod: string, container: string): AdmittedContainer {
    const { assignments, random } = this.#settings;
    const held: readonly Assignment[] = random.shuffle(assignments.ofContainer(pod, container));
    return {
      ...mergeResponses(held.map(({ response }) => response)),
      deviceIds: Object.fromEntries(held.map(({ resource, ids }) => [resource, ids])),
    };
  }
}

/** What one container wants of one resource. */
interface AllocationRequest {
  readonly pod: string;
  readonly container: string;
  readonly resource: string;
  readonly size: number;
}

/** Why the kubelet refuses before it chooses devices. */
function problemWith(
  { pod, container, resource, size }: AllocationRequest,
  healthy: ReadonlySet<string> | undefined,
  held: readonly string[] | undefined,
): string | undefined {
  if (held !== undefined && held.length !== size) {
    return `pod "${pod}" container "${container}" changed request for resource "${resource}" from ${held.length} to ${size}`;
  }
  if (healthy === undefined) return `cannot allocate unregistered device ${resource}`;
  if (healthy.size === 0) return `no healthy devices present; cannot allocate unhealthy devices ${resource}`;
  if (held !== undefined && !held.every((id) => healthy.has(id))) {
    return `previously allocated devices are no longer healthy; cannot allocate unhealthy devices ${resource}`;
  }
  return undefined;
}
