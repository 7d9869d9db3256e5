// SPDX-License-Identifier: Apache-2.0
import { join, resolve } from 'node:path';
import { DevicePluginError } from '@kube-device-plugins/core';
import {
  type deviceplugin,
  kubeletSocketName,
  preStartContainerTimeoutMs,
} from '@kube-device-plugins/core/kubelet-api';
import { Admission } from './admission.ts';
import type { Checkpoint } from './checkpoint.ts';
import { CheckpointFile } from './checkpoint-file.ts';
import { realClock } from './clock.ts';
import { DeviceManager } from './device-manager.ts';
import type { FakeKubeletOptions } from './fake-kubelet-options.ts';
import { CallLog, type KubeletCall } from './kubelet-call.ts';
import type { KubeletEvent, RestartKind, StopKind } from './kubelet-event.ts';
import type { FaultPlan } from './kubelet-faults.ts';
import { KubeletProcess, type RestartOptions } from './kubelet-process.ts';
import { traitsOf } from './kubelet-profile.ts';
import type { CutKind } from './plugin-clients.ts';
import type { PodHealth } from './pod-health.ts';
import type { AdmittedContainer, AdmittedPod, PodSpec } from './pod-spec.ts';
import { describeResource, meets, type ResourceExpectation } from './resource-expectation.ts';
import { nodeView, type NodeView, type ResourceView } from './resource-view.ts';
import { SeededRandom } from './seeded-random.ts';
import { Subscribers } from './subscribers.ts';

/** Something that a test waits for, e.g. `(kubelet) => kubelet.registrations('color.example.com/red') > 1`. */
export type KubeletPredicate = (kubelet: FakeKubelet) => boolean;

/** Calls that are kept for {@link FakeKubelet.calls}. */
const keptCalls = 10_000;

/**
 * The device manager of a kubelet: serves `v1beta1.Registration`, follows ListAndWatch and gives devices to pods, in the order, with the
 * checks and with the words of the real one, and without a cluster, root or a container runtime.
 *
 * Upstream: pkg/kubelet/cm/devicemanager.
 */
export class FakeKubelet implements AsyncDisposable {
  readonly socketPath: string;
  /** What goes wrong from now on. */
  faults: FaultPlan;
  /** Whether the kubelet has heard of all its pods. Until then, after a restart, it frees no devices and leaves running containers alone. */
  sourcesReady = true;
  readonly #events = new Subscribers<KubeletEvent>();
  readonly #log = new CallLog(keptCalls);
  readonly #checkpoint: CheckpointFile;
  readonly #manager: DeviceManager;
  readonly #admission: Admission;
  readonly #process: KubeletProcess;

  constructor(options: FakeKubeletOptions) {
    const dir = resolve(options.dir);
    const { clock = realClock, seed = 1, profile = '1.37', resourceHealthStatus, preStartTimeoutMs } = options;
    const random = new SeededRandom(seed);
    const traits = traitsOf(profile, resourceHealthStatus);
    const emit = (event: KubeletEvent): void => this.#events.emit(event);
    this.socketPath = join(dir, kubeletSocketName);
    this.faults = options.faults ?? {};
    this.#checkpoint = new CheckpointFile(dir);
    this.#manager = new DeviceManager({ clock, random, traits, checkpoint: this.#checkpoint, emit });
    this.#admission = new Admission({
      manager: this.#manager,
      random,
      traits,
      preStartTimeoutMs: preStartTimeoutMs ?? preStartContainerTimeoutMs,
      areSourcesReady: () => this.sourcesReady,
      emit,
    });
    this.#process = new KubeletProcess({
      options: { ...options, dir },
      traits,
      clock,
      manager: this.#manager,
      calls: this.#log,
      faults: () => this.faults,
      emit,
    });
  }

  /**
   * Makes the directory, reads the checkpoint, deletes the sockets and listens. Does nothing when it runs already.
   *
   * @throws DevicePluginError `SOCKET_PATH_TOO_LONG`; rejects as well when the directory cannot be used.
   */
  async start(): Promise<void> {
    await this.#process.start();
  }

  /** Ends all streams and cuts all connections. Assignments stay in the checkpoint. */
  async stop(kind: StopKind = 'graceful'): Promise<void> {
    await this.#process.stop(kind);
  }

  /** Stops, stays away for `downMs` and starts again. Plugins have to register anew. */
  async restart(kind: RestartKind, options: RestartOptions = {}): Promise<void> {
    await this.#process.restart(kind, options);
  }

  /** Stops for good: it does not start again, not even from a restart that is under way, which rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.end();
  }

  /** Every resource that has registered, by name. */
  resources(): ReadonlyMap<string, ResourceView> {
    return this.#manager.views();
  }

  /** What `kubectl describe node` would show. */
  node(): NodeView {
    return nodeView(this.resources().values());
  }

  /** What is in the checkpoint file since the kubelet read or wrote it last. */
  checkpoint(): Checkpoint {
    return this.#checkpoint.last;
  }

  /** What the status of the pod says of the devices of each container; nothing where the kubelet does not write it (KEP-4680). */
  podHealth(pod: string): PodHealth {
    return this.#manager.podHealth(pod);
  }

  /** Register calls for this resource so far, those that failed included, as the kubelet's metric counts them. */
  registrations(resource: string): number {
    return this.#manager.resources.registrations(resource);
  }

  /** The calls from and to plugins, oldest first; of very many the last 10 000. */
  get calls(): readonly KubeletCall[] {
    return this.#log.calls;
  }

  /** Ends the streams of a resource: by RST_STREAM, or by cutting the connection without a word. */
  cutStreams(resource: string, kind: CutKind): void {
    this.#process.cutStreams(resource, kind);
  }

  /**
   * Gives devices to the containers of a pod, which are asked of the plugins one after the other. A pod that has its devices keeps them.
   *
   * @throws UnexpectedAdmissionError when a plugin answers with an error, or there are not enough devices.
   */
  admit<const Name extends string>(spec: PodSpec<Name>): Promise<AdmittedPod<Name>> {
    return this.#admission.admit(spec);
  }

  /**
   * Starts, or starts again, a container of an admitted pod: PreStartContainer where the plugin wants it, and what Allocate answered.
   *
   * @throws ContainerStartError when the plugin answers with an error or not in time, or is not known any more.
   */
  startContainer(pod: string, container: string): Promise<AdmittedContainer> {
    return this.#admission.startContainer(pod, container);
  }

  /** The plugins hear nothing of it; the devices are free for the next pod. */
  deletePod(pod: string): void {
    this.#manager.pods.deleted(pod);
    this.#events.emit({ type: 'podDeleted', pod });
  }

  /**
   * What the plugin answers to an Allocate of this one device, which is not assigned to anybody.
   *
   * @throws DevicePluginError `DEVICE_UNKNOWN` when no plugin is connected for the resource; PluginCallError with the plugin's answer.
   */
  async describeDevice(resource: string, id: string): Promise<deviceplugin.ContainerAllocateResponse> {
    const { endpoint, state } = this.#manager.resources.record(resource);
    if (endpoint === undefined || state !== 'connected') {
      throw new DevicePluginError(
        'DEVICE_UNKNOWN',
        `no plugin is connected for ${resource}, so nobody can describe ${id}`,
      );
    }
    return await endpoint.allocate([id]);
  }

  /** Calls `listener` after each change, until the function that this returns is called. */
  subscribe(listener: (event: KubeletEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  /**
   * Resolves as soon as the resource looks like that, or the predicate holds: at once, or after one of the next events.
   *
   * @throws WaitTimeoutError after `timeoutMs` (default 10 000); its message shows what was there instead.
   */
  waitFor(expectation: ResourceExpectation, options?: { readonly timeoutMs?: number }): Promise<ResourceView>;
  waitFor(expectation: KubeletPredicate, options?: { readonly timeoutMs?: number }): Promise<undefined>;
  async waitFor(
    expectation: ResourceExpectation | KubeletPredicate,
    { timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {},
  ): Promise<ResourceView | undefined> {
    const wanted = typeof expectation === 'function' ? expectation.toString() : JSON.stringify(expectation);
    const probe = (): { readonly found: ResourceView | undefined } | undefined => {
      if (typeof expectation === 'function') return expectation(this) ? { found: undefined } : undefined;
      const view = this.resources().get(expectation.resource);
      return meets(view, expectation) ? { found: view } : undefined;
    };
    const { found } = await this.#events.waitUntil(
      probe,
      timeoutMs,
      () => `expected ${wanted}, found ${this.#summary()}`,
    );
    return found;
  }

  #summary(): string {
    const lines = [...this.resources().values()].map(describeResource);
    return lines.length === 0 ? 'no resources' : lines.join('; ');
  }
}
