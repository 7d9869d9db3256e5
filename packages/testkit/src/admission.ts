// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '@kube-device-plugins/core';
import { type AllocatorSettings, DeviceAllocator } from './device-allocator.ts';
import {
  type AdmittedContainer,
  type AdmittedPod,
  type ContainerSpec,
  ContainerStartError,
  type InitContainerSpec,
  type PodSpec,
  UnexpectedAdmissionError,
} from './pod-spec.ts';
import type { PodRecord } from './pods.ts';
import { mergeResponses } from './response-merge.ts';

/** What admission goes by. */
export interface AdmissionSettings extends AllocatorSettings {
  readonly preStartTimeoutMs: number;
}

/** Resource → devices that the next containers of the same pod may take. */
type ReusableDevices = Map<string, readonly string[]>;

/**
 * Gives devices to pods and starts their containers. Texts and order of the checks are the kubelet's.
 * Upstream: pkg/kubelet/cm/devicemanager/manager.go, Allocate and GetDeviceRunContainerOptions.
 */
export class Admission {
  readonly #settings: AdmissionSettings;
  readonly #allocator: DeviceAllocator;
  #last: Promise<unknown> = Promise.resolve();

  constructor(settings: AdmissionSettings) {
    this.#settings = settings;
    this.#allocator = new DeviceAllocator(settings);
  }

  /** One pod after the other: a plugin that does not answer holds up all pods of the node. */
  admit<Name extends string>(spec: PodSpec<Name>): Promise<AdmittedPod<Name>> {
    return this.#inTurn(() => this.#admitNow(spec));
  }

  /** PreStartContainer for each device resource of the container, then what the container runs with. */
  async startContainer(name: string, containerName: string): Promise<AdmittedContainer> {
    const { manager, random, emit } = this.#settings;
    const pod = manager.pods.find(name);
    const container = pod && containersOf(pod.spec).find((spec) => spec.name === containerName);
    if (pod === undefined || container === undefined) {
      throw new ContainerStartError(`there is no container ${containerName} in a pod ${name}`);
    }
    try {
      const limits = random
        .shuffle(deviceLimits(container))
        .filter(([resource, size]) => size > 0 && manager.isDeviceResource(resource));
      for (const [resource] of limits) await this.#preStart(pod, container.name, resource);
      const held = manager.assignments.ofContainer(pod.uid, container.name).map(({ resource }) => resource);
      // Lost, e.g. with the checkpoint: the kubelet makes up for it here.
      if (!limits.every(([resource]) => held.includes(resource))) {
        await this.#inTurn(() => this.#allocateContainer(pod, container, false, new Map()));
      }
    } catch (error) {
      throw new ContainerStartError(messageOf(error), { cause: error });
    }
    manager.pods.containerStarted(pod.uid, container.name);
    emit({ type: 'containerStarted', pod: name, container: container.name });
    return this.#resourcesOf(pod, container.name);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return await result;
  }

  async #admitNow<Name extends string>(spec: PodSpec<Name>): Promise<AdmittedPod<Name>> {
    const { manager, emit } = this.#settings;
    const pod = manager.pods.admitted(spec);
    const reusable: ReusableDevices = new Map();
    try {
      for (const container of spec.initContainers ?? []) await this.#allocateContainer(pod, container, true, reusable);
      for (const container of spec.containers) await this.#allocateContainer(pod, container, false, reusable);
    } catch (error) {
      manager.pods.failed(pod);
      const message = `Allocate failed due to ${messageOf(error)}, which is unexpected`;
      emit({ type: 'rejected', pod: spec.pod, message });
      throw new UnexpectedAdmissionError(spec.pod, message, { cause: error });
    }
    const admitted = containersOf(spec).map(({ name }) => [name, this.#resourcesOf(pod, name)]);
    return { pod: spec.pod, containers: Object.fromEntries(admitted) as AdmittedPod<Name>['containers'] };
  }

  async #allocateContainer(
    pod: PodRecord,
    container: ContainerSpec | InitContainerSpec,
    isInit: boolean,
    reusable: ReusableDevices,
  ): Promise<void> {
    const { manager, random, areSourcesReady } = this.#settings;
    const limits = deviceLimits(container);
    if (limits.length > 0 && areSourcesReady()) manager.collectGarbage();
    for (const [resource, size] of random.shuffle(limits)) {
      const pool = reusable.get(resource) ?? [];
      const request = { pod, container: container.name, resource, size, reusable: new Set(pool) };
      const ids = await this.#allocator.allocate(request);
      const others = pool.filter((id) => !ids.includes(id));
      reusable.set(resource, isInit && !('restartPolicy' in container) ? [...others, ...ids] : others);
    }
  }

  /** Does nothing for a plugin that does not want it, or of which a kubelet that has restarted does not know whether it does. */
  async #preStart(pod: PodRecord, container: string, resource: string): Promise<void> {
    const { manager, random, preStartTimeoutMs } = this.#settings;
    const { endpoint, state } = manager.resources.record(resource);
    if (state === 'forgotten') {
      throw new Error(`endpoint not found in cache for a registered resource: ${resource}`);
    }
    if (endpoint?.options?.preStartRequired !== true) return;
    const held = manager.assignments.ofContainer(pod.uid, container).find((held) => held.resource === resource);
    if (held === undefined) {
      const where = `pod ${pod.uid}, container ${container}, resource ${resource}`;
      throw new Error(`no devices found allocated in local cache for ${where}`);
    }
    try {
      const ids = random.shuffle(held.devices.keys());
      await this.#allocator.endpointOf(resource).preStartContainer(ids, preStartTimeoutMs);
    } catch (error) {
      const message = `device plugin PreStartContainer rpc failed with err: ${messageOf(error)}`;
      throw new Error(message, { cause: error });
    }
  }

  #resourcesOf(pod: PodRecord, container: string): AdmittedContainer {
    const { manager, random, traits } = this.#settings;
    const held = random.shuffle(manager.assignments.ofContainer(pod.uid, container));
    const merged = mergeResponses(held);
    return {
      ...merged,
      cdiDevices: traits.takesCdiDevices ? merged.cdiDevices : [],
      deviceIds: Object.fromEntries(held.map(({ resource, devices }) => [resource, [...devices.keys()]])),
    };
  }
}

function containersOf<Name extends string>({ initContainers = [], containers }: PodSpec<Name>): ContainerSpec<Name>[] {
  return [...initContainers, ...containers];
}

/** Resources without a slash (cpu, memory) are not the device manager's. */
function deviceLimits({ limits = {} }: ContainerSpec): [resource: string, size: number][] {
  return Object.entries(limits).filter(([resource]) => resource.includes('/'));
}
