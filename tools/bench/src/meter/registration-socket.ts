// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { encodeFrame, frameFlag, frameType } from './frame.ts';
import { MessageReader, prefixMessage } from './grpc-message.ts';
import { H2Connection } from './h2-connection.ts';
import { okTrailers, responseHeaders } from './header-block.ts';

/** Takes a registration; `answer` accepts it. */
export type OnRegister = (request: deviceplugin.RegisterRequest, answer: () => void) => void;

/** The kubelet's registration socket. Only `Register` is ever called on it, so paths are not looked at. */
export class RegistrationSocket {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  private constructor(onRegister: OnRegister) {
    this.#server = createServer((socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
      serve(socket, onRegister);
    });
  }

  static async listen(path: string, onRegister: OnRegister): Promise<RegistrationSocket> {
    const socket = new RegistrationSocket(onRegister);
    socket.#server.listen(path);
    await once(socket.#server, 'listening');
    return socket;
  }

  /** Ends all connections and removes the socket. */
  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function serve(socket: Socket, onRegister: OnRegister): void {
  const readers = new Map<number, MessageReader>();
  const readerOf = (streamId: number): MessageReader =>
    new MessageReader((message) => {
      onRegister(deviceplugin.RegisterRequest.decode(message), () => {
        connection.write(answer(streamId), emptyMessage.length);
      });
    });
  const connection = new H2Connection(socket, 'server', {
    data: (streamId, payload) => {
      const reader = readers.get(streamId) ?? readerOf(streamId);
      readers.set(streamId, reader);
      reader.push(payload);
    },
    end: (streamId) => readers.delete(streamId),
    close: () => undefined,
  });
}

const emptyMessage = prefixMessage(Buffer.alloc(0));

function answer(streamId: number): Buffer {
  return Buffer.concat([
    encodeFrame(frameType.headers, frameFlag.endHeaders, streamId, responseHeaders),
    encodeFrame(frameType.data, 0, streamId, emptyMessage),
    encodeFrame(frameType.headers, frameFlag.endHeaders | frameFlag.endStream, streamId, okTrailers),
  ]);
}
