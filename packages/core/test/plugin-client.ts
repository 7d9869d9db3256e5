// SPDX-License-Identifier: Apache-2.0
import { Client, credentials, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import {
  DevicePluginService,
  type AllocateResponse,
  type Device,
  type DevicePluginOptions,
  type ListAndWatchResponse,
  type PreferredAllocationResponse,
} from '../src/kubelet-api/deviceplugin.ts';
import { RegistrationService, type PluginInfo } from '../src/kubelet-api/pluginregistration.ts';

interface Method<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/** Calls a plugin on a connection of its own, as any program of the node may. */
export class PluginClient implements Disposable {
  readonly #client: Client;

  constructor(socketPath: string) {
    this.#client = new Client(`unix:${socketPath}`, credentials.createInsecure(), {
      'grpc.default_authority': 'localhost',
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
    });
  }

  options(): Promise<DevicePluginOptions> {
    return this.call(DevicePluginService.getDevicePluginOptions, {});
  }

  /** One list of ids for each container. */
  allocate(...containers: readonly string[][]): Promise<AllocateResponse> {
    const containerRequests = containers.map((devicesIds) => ({ devicesIds }));
    return this.call(DevicePluginService.allocate, { containerRequests });
  }

  prefer(availableDeviceIDs: string[], allocationSize: number): Promise<PreferredAllocationResponse> {
    const containerRequests = [{ availableDeviceIDs, mustIncludeDeviceIDs: [], allocationSize }];
    return this.call(DevicePluginService.getPreferredAllocation, { containerRequests });
  }

  async preStart(devicesIds: string[]): Promise<void> {
    await this.call(DevicePluginService.preStartContainer, { devicesIds });
  }

  getInfo(): Promise<PluginInfo> {
    return this.call(RegistrationService.getInfo, {});
  }

  async notifyStatus(pluginRegistered: boolean, error: string): Promise<void> {
    await this.call(RegistrationService.notifyRegistrationStatus, { pluginRegistered, error });
  }

  listAndWatch(): ListReader {
    const { path, requestSerialize, responseDeserialize } = DevicePluginService.listAndWatch;
    return new ListReader(this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {}));
  }

  async call<Request, Response>(method: Method<Request, Response>, request: Request): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const { path, requestSerialize, responseDeserialize } = method;
    this.#client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, response) => {
      if (error === null) resolve(response as Response);
      else reject(error);
    });
    return await promise;
  }

  close(): void {
    this.#client.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** What comes in on a ListAndWatch stream. */
export class ListReader {
  readonly lists: Device[][] = [];
  readonly #stream: ClientReadableStream<ListAndWatchResponse>;
  #end: ServiceError | 'ok' | undefined;

  constructor(stream: ClientReadableStream<ListAndWatchResponse>) {
    this.#stream = stream;
    stream.on('data', ({ devices }: ListAndWatchResponse) => this.lists.push(devices));
    stream.on('error', (error: ServiceError) => (this.#end ??= error));
    stream.on('end', () => (this.#end ??= 'ok'));
  }

  /** How the stream ended; undefined while it is open. */
  get end(): ServiceError | 'ok' | undefined {
    return this.#end;
  }

  /** The ids of each list so far. */
  get ids(): string[][] {
    return this.lists.map((devices) => devices.map(({ ID }) => ID));
  }

  cancel(): void {
    this.#stream.cancel();
  }
}

/** Opens ListAndWatch and reads nothing until told to, so that HTTP/2 flow control stops the sender. */
export class StalledReader implements Disposable {
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;

  constructor(socketPath: string) {
    this.#session = connectHttp2('http://localhost', { createConnection: () => connectSocket(socketPath) });
    this.#session.on('error', () => undefined);
    this.#stream = this.#session.request({
      ':method': 'POST',
      ':path': '/v1beta1.DevicePlugin/ListAndWatch',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    this.#stream.on('error', () => undefined);
    this.#stream.end(Buffer.alloc(5));
  }

  /** Reads to the end of the stream; returns the sizes of all messages. */
  async readToEnd(): Promise<number[]> {
    const bytes = Buffer.concat(await this.#stream.toArray());
    const sizes: number[] = [];
    for (let at = 0; at < bytes.length; at += 5 + (sizes.at(-1) ?? 0)) sizes.push(bytes.readUInt32BE(at + 1));
    return sizes;
  }

  [Symbol.dispose](): void {
    this.#session.destroy();
  }
}
