// SPDX-License-Identifier: Apache-2.0
import type { ServerUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import { join } from 'node:path';
import { DevicePluginError } from '../errors.ts';
import { defaultDevicePluginPath, kubeletCheckpointName, kubeletSocketName } from '../kubelet-api/constants.ts';
import type { AllocateRequest, AllocateResponse } from '../kubelet-api/deviceplugin.ts';
import { log } from '../log/log.ts';
import { telemetry } from '../observe/telemetry.ts';
import { onProcessSignal } from '../process-signals.ts';
import { childController, settled } from '../serve/abortable.ts';
import { isSameFile } from '../serve/file-identity.ts';
import { connectionOf, createGrpcServer } from '../serve/grpc-server.ts';
import { KubeletDirectory } from '../serve/kubelet-directory.ts';
import { KubeletLink } from '../serve/kubelet-link.ts';
import type { ListCall } from '../serve/list-stream.ts';
import { ListeningSocket } from '../serve/listening-socket.ts';
import { liveAgain } from '../serve/live-again.ts';
import { OpenStreams } from '../serve/open-streams.ts';
import { ProblemReport } from '../serve/problem-report.ts';
import { RegisterRegistrar } from '../serve/register-registrar.ts';
import { resourceNameProblem } from '../serve/resource-name.ts';
import { devicePluginService, encodeAllocation } from '../serve/service.ts';
import { checkedSocketPath } from '../serve/socket-name.ts';
import { toCallFailure, type CallFailure } from '../serve/status.ts';
import { encodeFrameDevices, type FrameDevice } from './frame-devices.ts';

/** One open ListAndWatch call. */
export interface DeviceStream {
  /** Sends a complete list of devices. Resolves when it has left the process or the stream is over. */
  send(devices: readonly FrameDevice[]): Promise<void>;
  /** Aborts when the kubelet is gone or the server stops. */
  readonly signal: AbortSignal;
}

/** What the author of a plugin writes. */
export interface DevicePluginImpl {
  /** Called for each stream that somebody opens; the stream ends when it resolves. */
  listAndWatch(stream: DeviceStream): Promise<void>;
  allocate(request: AllocateRequest): AllocateResponse | Promise<AllocateResponse>;
  /** Called before the server starts, each time: the moment to look at the devices anew. */
  refresh(): void | Promise<void>;
  /** Called after the server stopped, each time: the moment to end whatever was started. */
  destroy(): void | Promise<void>;
}

/** A plugin that is ready to run. */
export interface RunnableDevicePlugin {
  /**
   * Serves and stays registered until `signal` aborts. SIGHUP stops and starts it; so do a restart of the kubelet and the loss of its socket.
   * Never rejects because the kubelet is away.
   */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Runs an implementation of your own: the smaller front door, for one resource whose every answer you want to write yourself.
 *
 * @param resourceName - full name: domain/name.
 * @param socketName - file name of the socket in the plugin directory.
 * @throws DevicePluginError `RESOURCE_NAME_INVALID`, `SOCKET_NAME_INVALID` or `SOCKET_PATH_TOO_LONG`
 */
export function build(
  resourceName: string,
  socketName: string,
  impl: DevicePluginImpl,
  { devicePluginPath = defaultDevicePluginPath }: { readonly devicePluginPath?: string } = {},
): RunnableDevicePlugin {
  const problem = resourceNameProblem(resourceName);
  if (problem !== undefined) {
    throw new DevicePluginError('RESOURCE_NAME_INVALID', `resource name ${JSON.stringify(resourceName)} ${problem}`);
  }
  refuseSocketName(socketName);
  const socketPath = checkedSocketPath(join(devicePluginPath, socketName), resourceName);
  const directory = new KubeletDirectory(devicePluginPath);
  return { run: (signal) => new DevicePluginFrame(resourceName, directory, socketPath, impl).run(signal) };
}

function refuseSocketName(name: string): void {
  const isFileName = name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);
  if (isFileName && name !== kubeletSocketName && name !== kubeletCheckpointName) return;
  const problem = isFileName ? 'is a file of the kubelet' : 'is not the name of a file';
  throw new DevicePluginError(
    'SOCKET_NAME_INVALID',
    `socket name ${JSON.stringify(name)} ${problem}: choose one such as "red.sock"`,
  );
}

class DevicePluginFrame {
  readonly #resourceName: string;
  readonly #directory: KubeletDirectory;
  readonly #socketPath: string;
  readonly #impl: DevicePluginImpl;
  readonly #link = new KubeletLink();
  readonly #problems: ProblemReport;
  readonly #streams = new OpenStreams(this.#link);

  constructor(resourceName: string, directory: KubeletDirectory, socketPath: string, impl: DevicePluginImpl) {
    this.#resourceName = resourceName;
    this.#directory = directory;
    this.#socketPath = socketPath;
    this.#impl = impl;
    this.#problems = new ProblemReport(resourceName);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { controller, release } = childController(signal);
    const watching = this.#directory.watch(controller.signal);
    const living = liveAgain(
      {
        live: (life, onServing) => this.#live(life, onServing),
        onReason: (startAnew) => this.#onReasonToStartAnew(startAnew),
        problems: this.#problems,
      },
      controller.signal,
    );
    try {
      await Promise.race([watching, living]);
    } finally {
      controller.abort();
      release();
      await Promise.allSettled([watching, living]);
      telemetry.resourceRemoved(this.#resourceName);
    }
  }

  /** SIGHUP, another directory, or another kubelet than the one that was there. That the socket is lost, the registrar sees. */
  #onReasonToStartAnew(startAnew: () => void): () => void {
    let kubelet = this.#directory.kubeletIdentity();
    const stops = [
      this.#directory.subscribe(() => {
        const next = this.#directory.kubeletIdentity();
        if (next !== undefined && kubelet !== undefined && !isSameFile(next, kubelet)) startAnew();
        kubelet = next ?? kubelet;
      }),
      this.#directory.onReplaced(startAnew),
      onProcessSignal(['SIGHUP'], startAnew),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** One life: refresh, serve, destroy. */
  async #live(signal: AbortSignal, onServing: () => void): Promise<void> {
    await this.#impl.refresh();
    const server = createGrpcServer(devicePluginService, this.#service());
    try {
      const socket = await ListeningSocket.open(this.#socketPath, (connection) => {
        server.accept(connection);
      });
      onServing();
      try {
        await this.#registrar().keepRegistered(socket, signal);
      } finally {
        socket.close();
      }
    } finally {
      const leftMs = await server.drained(graceMs);
      await this.#streams.end();
      await server.close(leftMs);
      await this.#impl.destroy();
    }
    log.v(1).info('stopped serving', { resource: this.#resourceName });
  }

  #registrar(): RegisterRegistrar {
    return new RegisterRegistrar({
      resourceName: this.#resourceName,
      plugin: { scan: () => Promise.resolve() },
      directory: this.#directory,
      link: this.#link,
      problems: this.#problems,
      endStreams: () => this.#streams.end(),
    });
  }

  #service(): UntypedServiceImplementation {
    return {
      getDevicePluginOptions: (call: object, callback: (error: null, options: object) => void) => {
        this.#link.optionsAsked(connectionOf(call));
        callback(null, { preStartRequired: false, getPreferredAllocationAvailable: false });
      },
      listAndWatch: (call: ListCall) => {
        this.#stream(call);
      },
      allocate: (
        { request }: ServerUnaryCall<AllocateRequest, AllocateResponse>,
        callback: (failure: CallFailure | null, response?: Buffer) => void,
      ) => {
        this.#allocate(request).then(
          (response) => {
            callback(null, response);
          },
          (error: unknown) => {
            callback(toCallFailure(error));
          },
        );
      },
    };
  }

  async #allocate(request: AllocateRequest): Promise<Buffer> {
    return encodeAllocation(this.#resourceName, await this.#impl.allocate(request));
  }

  #stream(call: ListCall): void {
    this.#streams.serve(call, async (signal) => {
      // Also where the implementation takes its time: kubelets have to see the end before the next registration.
      signal.addEventListener('abort', () => call.end(), { once: true });
      const send = (devices: readonly FrameDevice[]): Promise<void> => this.#send(call, devices, signal);
      try {
        await this.#impl.listAndWatch({ signal, send });
      } catch (error) {
        log.warn('listAndWatch failed', { resource: this.#resourceName, error });
      }
    });
  }

  async #send(call: ListCall, devices: readonly FrameDevice[], signal: AbortSignal): Promise<void> {
    const message = encodeFrameDevices(this.#resourceName, devices);
    await settled(signal, (done) => {
      call.write(message, done);
      return () => undefined;
    });
  }
}

/** How long calls in flight may take to end. */
const graceMs = 5_000;
