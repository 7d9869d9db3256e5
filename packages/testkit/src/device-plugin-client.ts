// SPDX-License-Identifier: Apache-2.0
import { deviceplugin, maxMessageBytes } from '@kube-device-plugins/core/kubelet-api';
import {
  type CallOptions,
  Client,
  type ClientReadableStream,
  connectivityState,
  credentials,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';

const methods = deviceplugin.DevicePluginService;

/** A call to a plugin that failed. The message has the form in which kubelets log it: `rpc error: code = NotFound desc = …`. */
export class PluginCallError extends Error {
  override readonly name = 'PluginCallError';
  /** The gRPC status as google.rpc.Code spells it, e.g. `NOT_FOUND`. */
  readonly status: string;
  /** What the plugin said. */
  readonly details: string;

  constructor(error: ServiceError) {
    const name = status[error.code];
    super(`rpc error: code = ${goCodeName(name)} desc = ${error.details}`);
    this.status = name;
    this.details = error.details;
  }
}

/** The kubelet's end of one connection to a plugin: `v1beta1.DevicePlugin` with types. */
export class DevicePluginClient {
  readonly #client: Client;
  readonly #calls = new Set<{ cancel(): void }>();
  #isClosed = false;

  constructor(socketPath: string) {
    this.#client = new Client(`unix:${socketPath}`, credentials.createInsecure(), channelOptions);
  }

  /** Connects, trying again until it works. Rejects after `timeoutMs`, and when the client is closed. */
  async connect(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    const channel = this.#client.getChannel();
    // Not waitForReady(): that of a closed client wakes the channel up again and goes on until its deadline.
    while (!this.#isClosed) {
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY) return;
      await stateChange(channel, state, deadline);
    }
    throw new Error('the connection was closed');
  }

  /** @throws PluginCallError like each of the calls below. */
  getDevicePluginOptions(): Promise<deviceplugin.DevicePluginOptions> {
    return this.#unary(methods.getDevicePluginOptions, {});
  }

  getPreferredAllocation(
    request: deviceplugin.PreferredAllocationRequest,
  ): Promise<deviceplugin.PreferredAllocationResponse> {
    return this.#unary(methods.getPreferredAllocation, request);
  }

  allocate(request: deviceplugin.AllocateRequest): Promise<deviceplugin.AllocateResponse> {
    return this.#unary(methods.allocate, request);
  }

  preStartContainer(
    request: deviceplugin.PreStartContainerRequest,
    timeoutMs: number,
  ): Promise<deviceplugin.PreStartContainerResponse> {
    return this.#unary(methods.preStartContainer, request, { deadline: Date.now() + timeoutMs });
  }

  /** Hands each list to `onList`. Resolves when the stream is over: with nothing after a regular end, else with the error. */
  async listAndWatch(onList: (devices: readonly deviceplugin.Device[]) => void): Promise<PluginCallError | undefined> {
    const { path, requestSerialize, responseDeserialize } = methods.listAndWatch;
    const { promise, resolve } = Promise.withResolvers<PluginCallError | undefined>();
    const stream: ClientReadableStream<deviceplugin.ListAndWatchResponse> = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      {},
    );
    stream.on('data', (response: deviceplugin.ListAndWatchResponse) => {
      onList(response.devices);
    });
    stream.on('error', (error: ServiceError) => {
      resolve(new PluginCallError(error));
    });
    stream.on('end', resolve);
    return await this.#cancellable(stream, promise);
  }

  /** Cancels what is under way and cuts the connection. */
  close(): void {
    this.#isClosed = true;
    for (const call of this.#calls) call.cancel();
    this.#client.close();
  }

  async #unary<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    options: CallOptions = {},
  ): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const { path, requestSerialize, responseDeserialize } = method;
    const call = this.#client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      options,
      (error, response) => {
        if (error === null) resolve(response as Response);
        else reject(new PluginCallError(error));
      },
    );
    return await this.#cancellable(call, promise);
  }

  async #cancellable<T>(call: { cancel(): void }, outcome: Promise<T>): Promise<T> {
    this.#calls.add(call);
    try {
      return await outcome;
    } finally {
      this.#calls.delete(call);
    }
  }
}

const channelOptions = {
  // Kubelets since 1.26 (kubernetes/kubernetes#112597).
  'grpc.default_authority': 'localhost',
  'grpc.max_receive_message_length': maxMessageBytes,
  // Each registration has a connection of its own, and no call is repeated behind our back.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  'grpc.enable_channelz': 0,
  // A socket that appears late is found soon.
  'grpc.initial_reconnect_backoff_ms': 50,
  'grpc.max_reconnect_backoff_ms': 500,
};

type Channel = ReturnType<Client['getChannel']>;

/** Resolves when the channel has left `state`; rejects at the deadline, in milliseconds since 1970. */
async function stateChange(channel: Channel, state: connectivityState, deadline: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  channel.watchConnectivityState(state, deadline, (error) => {
    if (error === undefined) resolve(undefined);
    else reject(new Error('context deadline exceeded'));
  });
  await promise;
}

/** `NOT_FOUND` → `NotFound`. Upstream: grpc-go codes/code_string.go, which spells one of them its own way. */
function goCodeName(name: string): string {
  if (name === 'CANCELLED') return 'Canceled';
  return name.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
