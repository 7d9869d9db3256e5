// SPDX-License-Identifier: Apache-2.0
import { type ClientReadableStream, Client, credentials } from '@grpc/grpc-js';
import { deviceplugin, maxMessageBytes } from '@kube-device-plugins/core/kubelet-api';

const { allocate, listAndWatch } = deviceplugin.DevicePluginService;

/** Reads along on a plugin's socket, beside the kubelet: anybody may, and the plugin knows us from the kubelet. */
export class PluginStream {
  readonly #client: Client;
  readonly #stream: ClientReadableStream<deviceplugin.ListAndWatchResponse>;
  #isClosed = false;

  /** `onEnd` is called once, when the plugin ends the stream or cannot be reached; not after {@link close}. */
  constructor(socketPath: string, onList: (devices: readonly deviceplugin.Device[]) => void, onEnd: () => void) {
    this.#client = new Client(`unix:${socketPath}`, credentials.createInsecure(), {
      'grpc.default_authority': 'localhost',
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.use_local_subchannel_pool': 1,
    });
    const { path, requestSerialize, responseDeserialize } = listAndWatch;
    this.#stream = this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {});
    this.#stream.on('data', (response: deviceplugin.ListAndWatchResponse) => onList(response.devices));
    // Every failure ends the stream with a status as well; without a listener an error would end this process.
    this.#stream.on('error', () => undefined);
    this.#stream.on('status', () => {
      if (!this.#isClosed) onEnd();
      this.close();
    });
  }

  /** Paths on the host of the device nodes that a container would get with this device. Takes no device: only a kubelet keeps books. */
  async hostNodes(id: string): Promise<string[]> {
    const { path, requestSerialize, responseDeserialize } = allocate;
    const request = { containerRequests: [{ devicesIds: [id] }] };
    const { promise, resolve, reject } = Promise.withResolvers<deviceplugin.AllocateResponse | undefined>();
    this.#client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
    return (await promise)?.containerResponses.flatMap(({ devices }) => devices.map(({ hostPath }) => hostPath)) ?? [];
  }

  close(): void {
    this.#isClosed = true;
    this.#stream.cancel();
    this.#client.close();
  }
}
