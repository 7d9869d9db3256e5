// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { messageFrame } from '../grpc/message-frames.ts';
import { closes, openSession } from './raw-call.ts';

/** An Allocate that is in flight for as long as one wants: the plugin has the first half of it. */
export class HalfSentCall implements Disposable {
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  readonly #rest: Buffer;
  #status: string | undefined;

  private constructor(socketPath: string, ids: readonly string[]) {
    const { path, requestSerialize } = deviceplugin.DevicePluginService.allocate;
    const frame = messageFrame(requestSerialize({ containerRequests: [{ devicesIds: [...ids] }] }));
    this.#rest = frame.subarray(frame.length / 2);
    this.#session = openSession(socketPath);
    const headers = { ':method': 'POST', ':path': path, ':authority': 'localhost', te: 'trailers' };
    this.#stream = this.#session.request({ ...headers, 'content-type': 'application/grpc' });
    const take = (answer: IncomingHttpHeaders): void => {
      this.#status = [answer['grpc-status']].flat()[0] ?? this.#status;
    };
    this.#stream
      .on('response', take)
      .on('trailers', take)
      .on('error', () => undefined);
    this.#stream.write(frame.subarray(0, frame.length / 2));
    this.#stream.resume();
  }

  /** Resolves when the plugin has the first half: it has answered a ping that was sent after it. */
  static async begin(socketPath: string, ids: readonly string[]): Promise<HalfSentCall> {
    const call = new HalfSentCall(socketPath, ids);
    await once(call.#session, 'remoteSettings');
    const { promise, resolve } = Promise.withResolvers<undefined>();
    call.#session.ping(() => resolve(undefined));
    await promise;
    return call;
  }

  /** Sends the other half. Resolves with whether the call has succeeded. */
  async finish(timeoutMs: number): Promise<boolean> {
    if (this.#stream.destroyed) return false;
    this.#stream.end(this.#rest);
    return (await closes(this.#stream, timeoutMs)) && this.#status === '0';
  }

  [Symbol.dispose](): void {
    this.#session.destroy();
  }
}
