// SPDX-License-Identifier: Apache-2.0
import type { ServerUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import { deviceApiVersion, devicePluginType } from '../kubelet-api/constants.ts';
import type {
  InfoRequest,
  PluginInfo,
  RegistrationStatus,
  RegistrationStatusResponse,
} from '../kubelet-api/pluginregistration.ts';
import { log } from '../log/log.ts';
import { currentTelemetry } from '../observe/telemetry.ts';
import { startGate } from '../watch/start-gate.ts';
import { aborted, childController, pause } from './abortable.ts';
import { backoffMs } from './backoff.ts';
import type { KubeletDirectory } from './kubelet-directory.ts';
import type { KubeletLink } from './kubelet-link.ts';
import type { ListeningSocket } from './listening-socket.ts';
import type { ProblemReport } from './problem-report.ts';
import type { Registrar } from './registrar.ts';

/**
 * Lets the kubelet's plugin watcher find the resource: the socket lies in its plugins_registry directory and answers both
 * the watcher's questions and those of a device plugin.
 *
 * The watcher asks again after a restart of the kubelet by itself, but not after a mere loss of the stream: only a new socket makes it.
 * Source: kubernetes pkg/kubelet/pluginmanager.
 */
export class WatcherRegistrar implements Registrar {
  readonly #resourceName: string;
  readonly #directory: KubeletDirectory;
  readonly #link: KubeletLink;
  readonly #problems: ProblemReport;
  readonly #awaited: string;
  readonly #telemetry = currentTelemetry();
  #losses = 0;

  constructor(resourceName: string, directory: KubeletDirectory, link: KubeletLink, problems: ProblemReport) {
    this.#resourceName = resourceName;
    this.#directory = directory;
    this.#link = link;
    this.#problems = problems;
    this.#awaited = `the kubelet's plugin watcher has not asked for it yet: it has to look into ${directory.path}, which -plugins-registry-path names`;
  }

  /** The two calls of the pluginregistration API. */
  readonly service: UntypedServiceImplementation = {
    getInfo: (_call: ServerUnaryCall<InfoRequest, PluginInfo>, callback: (error: null, info: PluginInfo) => void) => {
      this.#link.expectNew();
      // An empty endpoint: this very socket.
      callback(null, {
        type: devicePluginType,
        name: this.#resourceName,
        endpoint: '',
        supportedVersions: [deviceApiVersion],
      });
    },
    notifyRegistrationStatus: (
      { request }: ServerUnaryCall<RegistrationStatus, RegistrationStatusResponse>,
      callback: (error: null, response: RegistrationStatusResponse) => void,
    ) => {
      this.#notified(request);
      callback(null, {});
    },
  };

  async keepRegistered(socket: ListeningSocket, signal: AbortSignal): Promise<void> {
    startGate.open();
    const { controller, release } = childController(signal);
    const unsubscribe = this.#directory.subscribe(() => {
      if (!socket.isInPlace()) controller.abort();
    });
    await this.#untilForgotten(controller.signal);
    unsubscribe();
    release();
  }

  #notified({ pluginRegistered, error }: RegistrationStatus): void {
    this.#telemetry.registrations.add({ resource: this.#resourceName, result: pluginRegistered ? 'ok' : 'error' });
    this.#telemetry.resourceChanged(this.#resourceName, { registered: pluginRegistered });
    if (!pluginRegistered) {
      this.#problems.report(refused, error);
      return;
    }
    this.#problems.solved(refused);
    log.info('registered with the kubelet', { resource: this.#resourceName });
  }

  /** Resolves when the kubelet has not listened for so long that the socket has to be made anew, or when `signal` aborts. */
  async #untilForgotten(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#link.isOpen) {
        await changeOf(this.#link, signal);
        continue;
      }
      this.#telemetry.resourceChanged(this.#resourceName, { registered: false, awaited: this.#awaited });
      const { controller, release } = childController(signal);
      const unsubscribe = this.#link.subscribe(() => {
        controller.abort();
      });
      this.#losses += 1;
      await pause(backoffMs(this.#losses, watcherBackoff, Math.random()), controller.signal);
      unsubscribe();
      release();
      if (!controller.signal.aborted) return;
      this.#losses = 0;
    }
  }
}

const refused = 'the kubelet refused the plugin';

/** The watcher looks every second and doubles its own waits up to two minutes. */
const watcherBackoff = { firstMs: 30_000, maxMs: 120_000 };

async function changeOf(link: KubeletLink, signal: AbortSignal): Promise<void> {
  const { controller, release } = childController(signal);
  const unsubscribe = link.subscribe(() => {
    controller.abort();
  });
  await aborted(controller.signal);
  unsubscribe();
  release();
}
