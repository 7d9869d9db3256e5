// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DevicePluginError, messageOf } from '@kube-device-plugins/core';
import {
  type deviceplugin,
  kubeletSocketName,
  maxSocketPathBytes,
  preStartContainerTimeoutMs,
} from '@kube-device-plugins/core/kubelet-api';
import { Admission } from './admission.ts';
import { Assignments } from './assignments.ts';
import { CallLog, type KubeletCall } from './kubelet-call.ts';
import type { KubeletEvent, StopKind } from './kubelet-event.ts';
import { type ClientHandler, type KubeletProfile, PluginClients } from './plugin-clients.ts';
import { preparePluginDirectory } from './plugin-directory.ts';
import { PluginEndpoint } from './plugin-endpoint.ts';
import type { AdmittedContainer, AdmittedPod, PodSpec } from './pod-spec.ts';
import { registrationProblem } from './registration-rules.ts';
import { RegistrationService } from './registration-service.ts';
import { describeResource, meets, type ResourceExpectation } from './resource-expectation.ts';
import { ResourceTable } from './resource-table.ts';
import { nodeView, type NodeView, type ResourceView } from './resource-view.ts';
import { SeededRandom } from './seeded-random.ts';
import { Subscribers } from './subscribers.ts';

/** How a {@link FakeKubelet} behaves. */
export interface FakeKubeletOptions {
  /** The device plugin directory; made when it is not there. A kubelet's own is /var/lib/kubelet/device-plugins. */
  readonly dir: string;
  /** Of everything that is in no order: device ids, resources of a container. The same seed gives the same order. Default 1. */
  readonly seed?: number;
  /** Whose bookkeeping of plugins to follow. Default '1.37'. */
  readonly profile?: KubeletProfile;
  /** How long Register tries to connect to the plugin. Default 10 000, the kubelet's. */
  readonly dialTimeoutMs?: number;
  /** How long PreStartContainer may take. Default 30 000, the kubelet's. */
  readonly preStartTimeoutMs?: number;
  /** Awaited in each Register call that is valid, before the plugin is called back: reject to refuse it, take your time to be slow. */
  readonly beforeRegister?: (request: deviceplugin.RegisterRequest) => Promise<void>;
}

/** Something that a test waits for, e.g. `(kubelet) => kubelet.registrations('color.example.com/red') > 1`. */
export type KubeletPredicate = (kubelet: FakeKubelet) => boolean;

/** What exists only while the kubelet runs. */
interface Run {
  readonly service: RegistrationService;
  readonly clients: PluginClients;
}

/** Upstream: pkg/kubelet/cm/devicemanager/plugin/v1beta1/client.go, dial. */
const kubeletDialTimeoutMs = 10_000;

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
  readonly #options: FakeKubeletOptions;
  readonly #resources = new ResourceTable();
  readonly #assignments = new Assignments();
  readonly #events = new Subscribers<KubeletEvent>();
  readonly #log = new CallLog(keptCalls);
  readonly #admission: Admission;
  #run: Run | undefined;
  #isSocketOurs = false;

  constructor(options: FakeKubeletOptions) {
    this.#options = { ...options, dir: resolve(options.dir) };
    this.socketPath = join(this.#options.dir, kubeletSocketName);
    this.#admission = new Admission({
      resources: this.#resources,
      assignments: this.#assignments,
      random: new SeededRandom(options.seed ?? 1),
      preStartTimeoutMs: options.preStartTimeoutMs ?? preStartContainerTimeoutMs,
      emit: (event) => this.#events.emit(event),
    });
  }

  /**
   * Makes the directory, deletes the sockets in it and listens. Does nothing when it runs already.
   *
   * @throws DevicePluginError `SOCKET_PATH_TOO_LONG`; rejects as well when the directory cannot be used.
   */
  async start(): Promise<void> {
    if (this.#run !== undefined) return;
    if (Buffer.byteLength(this.socketPath) > maxSocketPathBytes) {
      const message = `${this.socketPath} is longer than ${maxSocketPathBytes} bytes: use a shorter directory`;
      throw new DevicePluginError('SOCKET_PATH_TOO_LONG', message);
    }
    await preparePluginDirectory(this.#options.dir);
    const clients = new PluginClients(this.#options.profile ?? '1.37', this.#clientHandler());
    const service = new RegistrationService((request) => this.#register(clients, request));
    await service.listen(this.socketPath);
    this.#run = { service, clients };
    this.#isSocketOurs = true;
    this.#events.emit({ type: 'started' });
  }

  /** Cancels all streams and cuts all connections. Assignments stay, as they do in the kubelet's checkpoint. */
  async stop(kind: StopKind = 'graceful'): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    await run?.service.close();
    run?.clients.close();
    if (kind === 'graceful' && this.#isSocketOurs) {
      this.#isSocketOurs = false;
      await rm(this.socketPath, { force: true });
    }
    if (run === undefined) return;
    this.#resources.restart();
    this.#events.emit({ type: 'stopped', kind });
  }

  /** Stops, stays away for `downMs` and starts again. Plugins have to register anew. */
  async restart(kind: StopKind, { downMs = 0 }: { readonly downMs?: number } = {}): Promise<void> {
    await this.stop(kind);
    await delay(downMs);
    await this.start();
    this.#events.emit({ type: 'restarted', kind });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Every resource that has registered, by name. */
  resources(): ReadonlyMap<string, ResourceView> {
    return this.#resources.views((resource) => this.#assignments.holders(resource));
  }

  /** What `kubectl describe node` would show. */
  node(): NodeView {
    return nodeView(this.resources().values());
  }

  /** Register calls for this resource so far, those that failed included, as the kubelet's metric counts them. */
  registrations(resource: string): number {
    return this.#resources.registrations(resource);
  }

  /** The calls from and to plugins, oldest first; of very many the last 10 000. */
  get calls(): readonly KubeletCall[] {
    return this.#log.calls;
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
   * Starts, or starts again, a container of an admitted pod: PreStartContainer where the plugin wants it.
   *
   * @throws ContainerStartError when the plugin answers with an error or not in time.
   */
  startContainer(pod: string, container: string): Promise<AdmittedContainer> {
    return this.#admission.startContainer(pod, container);
  }

  /** Frees the devices of a pod. The plugins hear nothing of it. */
  deletePod(pod: string): void {
    this.#assignments.deletePod(pod);
    this.#events.emit({ type: 'podDeleted', pod });
  }

  /**
   * What the plugin answers to an Allocate of this one device, which is not assigned to anybody.
   *
   * @throws DevicePluginError `DEVICE_UNKNOWN` when no plugin is connected for the resource; PluginCallError with the plugin's answer.
   */
  async describeDevice(resource: string, id: string): Promise<deviceplugin.ContainerAllocateResponse> {
    const { endpoint, isStopped } = this.#resources.record(resource);
    if (endpoint === undefined || isStopped) {
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

  async #register(clients: PluginClients, request: deviceplugin.RegisterRequest): Promise<void> {
    const { resourceName: resource, endpoint } = request;
    this.#log.record({ method: 'Register', resource, request });
    this.#resources.countRegistration(resource);
    try {
      const problem = registrationProblem(request);
      if (problem !== undefined) throw new Error(problem);
      await this.#options.beforeRegister?.(request);
      const plugin = new PluginEndpoint({
        resource,
        endpoint,
        socketPath: join(this.#options.dir, endpoint),
        onCall: (call) => this.#log.record(call),
      });
      await clients.connect(plugin, this.#options.dialTimeoutMs ?? kubeletDialTimeoutMs);
      // The answer to Register goes out first.
      setImmediate(() => void clients.watch(plugin));
    } catch (error) {
      this.#events.emit({ type: 'registrationFailed', resource, endpoint, message: messageOf(error) });
      throw error;
    }
  }

  #clientHandler(): ClientHandler {
    return {
      pluginConnected: (plugin, options) => {
        this.#resources.connected(plugin);
        this.#events.emit({ type: 'registered', resource: plugin.resource, endpoint: plugin.endpoint, options });
      },
      pluginListed: ({ resource, endpoint }, devices) => {
        this.#resources.listed(resource, devices);
        this.#events.emit({ type: 'listed', resource, endpoint, devices });
      },
      pluginDisconnected: (resource, socketPath) => {
        this.#resources.disconnected(resource, socketPath);
      },
      streamEnded: ({ resource, endpoint }, error) => {
        this.#events.emit({ type: 'streamEnded', resource, endpoint, error });
      },
    };
  }

  #summary(): string {
    const lines = [...this.resources().values()].map(describeResource);
    return lines.length === 0 ? 'no resources' : lines.join('; ');
  }
}
