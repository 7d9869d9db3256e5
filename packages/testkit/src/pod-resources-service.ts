// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { maxMessageBytes } from '@kube-device-plugins/core/kubelet-api';
import type { Clock } from './clock.ts';
import type { DeviceManager } from './device-manager.ts';
import { StatusError, UnaryServer } from './grpc/unary-server.ts';
import {
  type AllocatableResourcesResponse,
  type GetPodResourcesRequest,
  type GetPodResourcesResponse,
  type ListPodResourcesResponse,
  PodResourcesListerService,
} from './kubelet-api/podresources.ts';
import type { KubeletTraits } from './kubelet-profile.ts';
import type { StopKind } from './kubelet-event.ts';
import { allocatableDevices, podResourcesOf } from './pod-resources.ts';
import { RateLimit } from './rate-limit.ts';
import { SocketListener } from './socket-listener.ts';

/** What the service answers from. */
export interface PodResourcesSettings {
  readonly socketPath: string;
  readonly manager: DeviceManager;
  readonly traits: KubeletTraits;
  readonly clock: Clock;
}

/** `v1.PodResourcesLister` on a unix socket: who has which devices. */
export class PodResourcesService {
  readonly #settings: PodResourcesSettings;
  readonly #server = new UnaryServer({ maxMessageBytes });
  readonly #listener: SocketListener;

  /** Replaces a socket that a crash left behind; {@link listening} tells whether that worked. */
  constructor(settings: PodResourcesSettings) {
    this.#settings = settings;
    const limit = new RateLimit(settings.clock, callsPerSecond, callsAtOnce);
    const limited = <Request, Response>(answer: (request: Request) => Response) => {
      return (request: Request): Response => {
        if (!limit.allows()) throw new StatusError('RESOURCE_EXHAUSTED', 'rejected by rate limit');
        return answer(request);
      };
    };
    const { list, getAllocatableResources, get } = PodResourcesListerService;
    this.#server.handle(
      list,
      limited(() => this.#list()),
    );
    this.#server.handle(
      getAllocatableResources,
      limited(() => this.#allocatable()),
    );
    if (settings.traits.podResourcesGet !== 'unknown') {
      this.#server.handle(
        get,
        limited((request: GetPodResourcesRequest) => this.#get(request)),
      );
    }
    mkdirSync(dirname(settings.socketPath), { recursive: true });
    rmSync(settings.socketPath, { force: true });
    this.#listener = new SocketListener(settings.socketPath, (connection) => this.#server.serve(connection));
  }

  async listening(): Promise<void> {
    await this.#listener.listening();
  }

  async close(kind: StopKind): Promise<void> {
    const closed = this.#listener.close();
    this.#server.disconnectAll();
    if (kind === 'graceful') rmSync(this.#settings.socketPath, { force: true });
    await closed;
  }

  #list(): ListPodResourcesResponse {
    const { manager, traits } = this.#settings;
    const pods = manager.pods.all.filter(({ isFailed }) => traits.listsFailedPods || !isFailed);
    return { podResources: pods.map((pod) => podResourcesOf(pod, manager)) };
  }

  #allocatable(): AllocatableResourcesResponse {
    return { devices: allocatableDevices(this.#settings.manager), cpuIds: [], memory: [] };
  }

  #get({ podName, podNamespace }: GetPodResourcesRequest): GetPodResourcesResponse {
    const { manager, traits } = this.#settings;
    if (traits.podResourcesGet === 'off') throw new Error('PodResources API Get method disabled');
    const pod = manager.pods.find(podName);
    if (pod === undefined || (pod.spec.namespace ?? 'default') !== podNamespace) {
      throw new Error(`pod ${podName} in namespace ${podNamespace} not found`);
    }
    return { podResources: podResourcesOf(pod, manager) };
  }
}

// Upstream: pkg/kubelet/apis/podresources/constants.go.
const callsPerSecond = 100;
const callsAtOnce = 10;
