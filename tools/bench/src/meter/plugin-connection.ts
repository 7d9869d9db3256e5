// SPDX-License-Identifier: Apache-2.0
import { connect } from 'node:net';
import { encodeFrame, frameFlag, frameType } from './frame.ts';
import { MessageReader, prefixMessage } from './grpc-message.ts';
import { H2Connection } from './h2-connection.ts';
import { requestHeaders } from './header-block.ts';

/** A method of the service `v1beta1.DevicePlugin`. */
export type PluginMethod = 'GetDevicePluginOptions' | 'ListAndWatch' | 'Allocate';

interface Call {
  readonly reader: MessageReader;
  readonly onEnd: () => void;
}

/** The kubelet's connection to one plugin. */
export class PluginConnection {
  readonly #connection: H2Connection;
  readonly #calls = new Map<number, Call>();
  #nextStreamId = 1;
  #isClosed = false;

  constructor(socketPath: string) {
    this.#connection = new H2Connection(connect(socketPath), 'client', {
      data: (streamId, payload) => {
        this.#calls.get(streamId)?.reader.push(payload);
      },
      end: (streamId) => {
        this.#end(streamId);
      },
      close: () => {
        this.#isClosed = true;
        for (const streamId of this.#calls.keys()) this.#end(streamId);
      },
    });
  }

  /**
   * Starts a call; `onEnd` comes once, whatever ends it. Returns what breaks it off.
   *
   * @param onMessage - takes one message, a view that is valid only during the call.
   */
  call(method: PluginMethod, request: Uint8Array, onMessage: (message: Buffer) => void, onEnd: () => void): () => void {
    const streamId = this.#nextStreamId;
    this.#nextStreamId += 2;
    if (this.#isClosed) {
      onEnd();
      return () => undefined;
    }
    this.#calls.set(streamId, { reader: new MessageReader(onMessage), onEnd });
    const data = encodeFrame(frameType.data, frameFlag.endStream, streamId, prefixMessage(request));
    const headers = encodeFrame(frameType.headers, frameFlag.endHeaders, streamId, headersOf[method]);
    this.#connection.write(Buffer.concat([headers, data]), 5 + request.length);
    return () => {
      if (!this.#calls.has(streamId)) return;
      this.#connection.write(encodeFrame(frameType.rstStream, 0, streamId, cancel), 0);
      this.#end(streamId);
    };
  }

  destroy(): void {
    this.#connection.destroy();
  }

  #end(streamId: number): void {
    const call = this.#calls.get(streamId);
    this.#calls.delete(streamId);
    call?.onEnd();
  }
}

const headersOf = {
  GetDevicePluginOptions: requestHeaders('/v1beta1.DevicePlugin/GetDevicePluginOptions'),
  ListAndWatch: requestHeaders('/v1beta1.DevicePlugin/ListAndWatch'),
  Allocate: requestHeaders('/v1beta1.DevicePlugin/Allocate'),
} satisfies Record<PluginMethod, Buffer>;

/** RFC 9113, section 7: the call is not wanted any more. */
const cancel = Buffer.from([0, 0, 0, 0x8]);
