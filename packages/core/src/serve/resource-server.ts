// SPDX-License-Identifier: Apache-2.0
import type { CdiSpecFiles } from '../cdi/spec-files.ts';
import type { DevicePlugin } from '../device-plugin.ts';
import type { Devices } from '../device-tree.ts';
import { RegistrationService } from '../kubelet-api/pluginregistration.ts';
import { log } from '../log/log.ts';
import { currentTelemetry } from '../observe/telemetry.ts';
import { startGate } from '../watch/start-gate.ts';
import { DeviceList } from './device-list.ts';
import { connectionOf, createGrpcServer, type GrpcServer } from './grpc-server.ts';
import type { KubeletDirectory } from './kubelet-directory.ts';
import { KubeletLink } from './kubelet-link.ts';
import { streamList, type ListCall } from './list-stream.ts';
import { ListeningSocket } from './listening-socket.ts';
import { liveAgain } from './live-again.ts';
import { OpenStreams } from './open-streams.ts';
import { ProblemReport } from './problem-report.ts';
import { RegisterRegistrar } from './register-registrar.ts';
import type { Registrar } from './registrar.ts';
import { createService, devicePluginService } from './service.ts';
import { sweepStaleSockets } from './stale-sockets.ts';
import type { WarmUp } from './warm-up.ts';
import { WatcherRegistrar } from './watcher-registrar.ts';

/** What a {@link ResourceServer} is made of. */
export interface ResourceServerParts {
  readonly resourceName: string;
  readonly plugin: DevicePlugin;
  readonly devices: Devices;
  readonly directory: KubeletDirectory;
  /** That of all resources of the plugin. */
  readonly warmUp: WarmUp;
  readonly socketPath: string;
  readonly registration: 'register' | 'watcher';
  readonly cdi: CdiSpecFiles;
}

/**
 * Serves one resource: one gRPC server, one socket, one registration.
 *
 * The gRPC server lives as long as the resource; the socket comes back when somebody removes it, the registration when the kubelet forgets it.
 */
export class ResourceServer {
  readonly #parts: ResourceServerParts;
  readonly #list: DeviceList;
  readonly #link = new KubeletLink();
  readonly #registrar: Registrar;
  readonly #server: GrpcServer;
  readonly #problems: ProblemReport;
  readonly #streams = new OpenStreams(this.#link);
  readonly #telemetry = currentTelemetry();
  #changedAtMs = performance.now();

  /** @throws DevicePluginError `LIST_TOO_LARGE` */
  constructor(parts: ResourceServerParts) {
    const { resourceName, plugin, directory } = parts;
    this.#parts = parts;
    this.#problems = new ProblemReport(resourceName);
    this.#list = new DeviceList(resourceName, parts.devices);
    this.#server = createGrpcServer(devicePluginService, this.#service());
    if (parts.registration === 'watcher') {
      const registrar = new WatcherRegistrar(resourceName, directory, this.#link, this.#problems);
      this.#server.addService(RegistrationService, registrar.service);
      this.#registrar = registrar;
    } else {
      this.#registrar = new RegisterRegistrar({
        resourceName,
        plugin,
        directory,
        link: this.#link,
        problems: this.#problems,
        endStreams: () => this.#streams.end(),
      });
    }
  }

  /** Publishes these devices in place of the last ones. A list that is too large is reported and not published. */
  update(devices: Devices): void {
    try {
      this.#changedAtMs = performance.now();
      this.#list.replace(devices);
      this.#telemetry.resourceChanged(this.#parts.resourceName, { devices });
      this.#problems.solved(unpublished);
    } catch (error) {
      this.#problems.report(unpublished, error);
    }
  }

  /** Serves until `signal` aborts; then lets calls in flight finish, ends the streams and removes the socket. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { resourceName, directory } = this.#parts;
    this.#telemetry.resourceChanged(resourceName, { devices: this.#list.devices });
    const stopTelling = this.#link.subscribe(() => {
      this.#telemetry.resourceChanged(resourceName, { streamOpen: this.#link.isOpen });
    });
    const live = (life: AbortSignal, onServing: () => void): Promise<void> => this.#serve(life, onServing);
    const onReason = (startAnew: () => void): (() => void) => directory.onReplaced(startAnew);
    await liveAgain({ live, onReason, problems: this.#problems }, signal);
    const leftMs = await this.#server.drained(graceMs);
    await Promise.all([this.#streams.close(), this.#server.close(leftMs)]);
    stopTelling();
    this.#telemetry.resourceRemoved(resourceName);
  }

  /** One life of the socket. */
  async #serve(signal: AbortSignal, onServing: () => void): Promise<void> {
    const { resourceName, socketPath, directory, warmUp } = this.#parts;
    const socket = await ListeningSocket.open(socketPath, (connection) => {
      this.#server.accept(connection);
    });
    onServing();
    log.v(1).info('serving', { resource: resourceName, socket: socketPath });
    try {
      const sweep = sweepStaleSockets(directory.path, resourceName, Date.now());
      const warm = startGate.passed.then(() => warmUp.once(socketPath, resourceName, this.#list.devices, signal));
      await this.#registrar.keepRegistered(socket, signal);
      await Promise.all([sweep, warm]);
    } finally {
      socket.close();
    }
    if (!signal.aborted)
      log.v(1).info('the socket is gone, serving anew', { resource: resourceName, socket: socketPath });
  }

  #service(): ReturnType<typeof createService> {
    const { resourceName } = this.#parts;
    return createService({
      ...this.#parts,
      list: this.#list,
      onOptionsAsked: (call) => {
        this.#link.optionsAsked(connectionOf(call));
      },
      onStream: (call) => {
        this.#stream(call);
      },
      onAllocated: (result, durationMs) => {
        this.#telemetry.allocations.add({ resource: resourceName, result });
        this.#telemetry.allocateSeconds.observe({ resource: resourceName }, durationMs / 1000);
      },
    });
  }

  #stream(call: ListCall): void {
    const { resourceName: resource } = this.#parts;
    const onSent = (isChange: boolean): void => {
      this.#telemetry.listUpdates.add({ resource });
      // The kubelet has what it waits for; now is the time for all else.
      startGate.open();
      if (isChange) this.#telemetry.updateSeconds.observe({ resource }, (performance.now() - this.#changedAtMs) / 1000);
    };
    this.#streams.serve(call, (signal) => streamList(call, this.#list, signal, onSent));
  }
}

const unpublished = 'cannot publish the devices, the last list stays';

/** How long calls in flight may take at shutdown. */
const graceMs = 5_000;
