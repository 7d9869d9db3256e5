// SPDX-License-Identifier: Apache-2.0
import type { ClientHttp2Session } from 'node:http2';
import { deviceplugin, maxMessageBytes } from '@kube-device-plugins/core/kubelet-api';
import { FrameReader, messageFrame } from '../grpc/message-frames.ts';
import { openSession, pings } from './raw-call.ts';

/** A ListAndWatch stream beside the kubelet's, on a connection of its own. */
export class ListWatch implements Disposable {
  /** When each list came, by performance.now(). */
  readonly lists: { readonly devices: readonly deviceplugin.Device[]; readonly atMs: number }[] = [];
  readonly #session: ClientHttp2Session;
  #isOver = false;

  /** @param isStalled - reads nothing until {@link resume}: the plugin may not send a single byte of a list. */
  constructor(socketPath: string, isStalled = false) {
    const reader = new FrameReader(maxMessageBytes);
    this.#session = openSession(socketPath, isStalled ? 0 : undefined);
    const { path } = deviceplugin.DevicePluginService.listAndWatch;
    const headers = { ':method': 'POST', ':path': path, ':authority': 'localhost', te: 'trailers' };
    const stream = this.#session.request({ ...headers, 'content-type': 'application/grpc' });
    stream.on('data', (chunk: Buffer) => {
      for (const message of reader.push(chunk)) {
        const { devices } = deviceplugin.ListAndWatchResponse.decode(message);
        this.lists.push({ devices, atMs: performance.now() });
      }
    });
    stream.on('error', () => undefined);
    stream.once('close', () => {
      this.#isOver = true;
    });
    stream.end(messageFrame(new Uint8Array()));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Id → health of the newest list; undefined before the first. */
  get newest(): ReadonlyMap<string, string> | undefined {
    const last = this.lists.at(-1);
    return last && new Map(last.devices.map(({ ID, health }) => [ID, health]));
  }

  /** Whether a ping is answered in time. */
  async ping(timeoutMs: number): Promise<boolean> {
    return await pings(this.#session, timeoutMs);
  }

  resume(): void {
    this.#session.settings({ initialWindowSize: 65_535 });
  }

  /** Cancels the stream by cutting its connection. */
  [Symbol.dispose](): void {
    this.#session.destroy();
  }
}
