// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '@kube-device-plugins/core';
import {
  deviceApiVersion,
  deviceplugin,
  devicePluginType,
  pluginregistration,
} from '@kube-device-plugins/core/kubelet-api';
import {
  type CallOptions,
  Client,
  credentials,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';

type Stream = ServerWritableStream<deviceplugin.Empty, deviceplugin.ListAndWatchResponse>;

/** What the plugin answers; a thrown error becomes UNKNOWN with its message. */
export interface Script {
  readonly dir: string;
  readonly resource: string;
  readonly endpoint?: string;
  readonly options?: Partial<deviceplugin.DevicePluginOptions>;
  readonly getOptions?: () => deviceplugin.DevicePluginOptions | Promise<deviceplugin.DevicePluginOptions>;
  readonly onStream?: (stream: Stream) => void;
  readonly prefer?: (request: deviceplugin.ContainerPreferredAllocationRequest) => readonly string[] | Promise<never>;
  readonly allocate?: (
    ids: readonly string[],
  ) => deviceplugin.AllocateResponse | Promise<deviceplugin.AllocateResponse>;
  /** To the plugin watcher. */
  readonly info?: Partial<pluginregistration.PluginInfo>;
  readonly getInfo?: () => pluginregistration.PluginInfo;
  readonly preStart?: (ids: readonly string[]) => void | Promise<void>;
}

/** A plugin as small as gRPC allows, which does what a test says. */
export class ScriptedPlugin {
  readonly script: Script;
  readonly endpoint: string;
  readonly #server = new Server();
  readonly #streams = new Set<Stream>();
  readonly authorities: string[] = [];
  readonly notifications: pluginregistration.RegistrationStatus[] = [];
  #devices: readonly deviceplugin.Device[] = [];
  #isGarbled = false;
  cancelledStreams = 0;

  constructor(script: Script) {
    this.script = script;
    this.endpoint = script.endpoint ?? 'plugin.sock';
    const { allocate } = deviceplugin.DevicePluginService;
    const garbling = (response: deviceplugin.AllocateResponse): Buffer =>
      this.#isGarbled ? Buffer.from([0xff]) : allocate.responseSerialize(response);
    const methods = {
      ...deviceplugin.DevicePluginService,
      allocate: { ...allocate, responseSerialize: garbling },
    };
    this.#server.addService(methods, this.#service());
    this.#server.addService(pluginregistration.RegistrationService, this.#registration());
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  async serve(): Promise<this> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#server.bindAsync(
      `unix:${join(this.script.dir, this.endpoint)}`,
      ServerCredentials.createInsecure(),
      (error) => {
        if (error === null) resolve(undefined);
        else reject(error);
      },
    );
    await promise;
    return this;
  }

  /** Register, the way a plugin calls it. */
  async register(changes: Partial<deviceplugin.RegisterRequest> = {}, options: CallOptions = {}): Promise<void> {
    const client = new Client(`unix:${join(this.script.dir, 'kubelet.sock')}`, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
    const request: deviceplugin.RegisterRequest = {
      version: deviceApiVersion,
      endpoint: this.endpoint,
      resourceName: this.script.resource,
      options: undefined,
      ...changes,
    };
    const { path, requestSerialize, responseDeserialize } = deviceplugin.RegistrationService.register;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, options, (error) => {
      if (error === null) resolve(undefined);
      else reject(error);
    });
    await promise.finally(() => client.close());
  }

  /** Sends the list to every stream, those that are opened later included. */
  list(devices: readonly deviceplugin.Device[]): void {
    this.#devices = devices;
    for (const stream of this.#streams) stream.write({ devices: [...devices] });
  }

  /** What has been written to streams and not been sent. */
  get bufferedBytes(): number {
    return [...this.#streams].reduce((sum, { writableLength }) => sum + writableLength, 0);
  }

  endStreams(): void {
    for (const stream of this.#streams) stream.end();
  }

  endOldestStream(): void {
    const [oldest] = this.#streams;
    oldest?.end();
  }

  /** From now on no answer to Allocate can be read. */
  garble(): void {
    this.#isGarbled = true;
  }

  /** Removes the socket and goes on serving those who are connected. */
  unlink(): void {
    rmSync(join(this.script.dir, this.endpoint));
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  #registration(): pluginregistration.RegistrationServer {
    const { resource: name, info, getInfo } = this.script;
    const defaults = { type: devicePluginType, name, endpoint: '', supportedVersions: [deviceApiVersion] };
    return {
      getInfo: answer(() => getInfo?.() ?? { ...defaults, ...info }),
      notifyRegistrationStatus: answer((status) => {
        this.notifications.push(status);
        return {};
      }),
    };
  }

  #service(): deviceplugin.DevicePluginServer {
    const { options, getOptions, prefer, allocate, preStart, onStream } = this.script;
    const defaults = { preStartRequired: false, getPreferredAllocationAvailable: false };
    return {
      getDevicePluginOptions: answer(async () => (await getOptions?.()) ?? { ...defaults, ...options }),
      listAndWatch: (stream) => {
        this.authorities.push(stream.getHost());
        this.#streams.add(stream);
        stream.on('cancelled', () => this.cancelledStreams++);
        stream.on('close', () => this.#streams.delete(stream));
        if (onStream === undefined) stream.write({ devices: [...this.#devices] });
        else onStream(stream);
      },
      getPreferredAllocation: answer(async ({ containerRequests: [request] }) => {
        if (request === undefined) throw new Error('no container request');
        return { containerResponses: [{ deviceIDs: [...((await prefer?.(request)) ?? [])] }] };
      }),
      allocate: answer(({ containerRequests }) => {
        const ids = containerRequests.flatMap(({ devicesIds }) => devicesIds);
        return allocate?.(ids) ?? { containerResponses: [containerResponse({ envs: { IDS: ids.toSorted().join() } })] };
      }),
      preStartContainer: answer(async ({ devicesIds }) => {
        await preStart?.(devicesIds);
        return {};
      }),
    };
  }
}

export function containerResponse(
  parts: Partial<deviceplugin.ContainerAllocateResponse>,
): deviceplugin.ContainerAllocateResponse {
  return { envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [], ...parts };
}

/** Devices with these ids, healthy unless the id says otherwise: `d1!`. */
export function devices(...ids: readonly string[]): deviceplugin.Device[] {
  return ids.map((id) => ({
    ID: id.replace('!', ''),
    health: id.endsWith('!') ? 'Unhealthy' : 'Healthy',
    topology: undefined,
  }));
}

function answer<Request, Response>(
  respond: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  const respondLater = async (request: Request): Promise<Response> => await respond(request);
  return (call, callback) => {
    respondLater(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback({ code: status.UNKNOWN, details: messageOf(error) }),
    );
  };
}
