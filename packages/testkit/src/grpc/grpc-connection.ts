// SPDX-License-Identifier: Apache-2.0
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect as connectSocket, type Socket } from 'node:net';
import type { CallOutcome } from './call-outcome.ts';
import { GrpcCall } from './grpc-call.ts';
import { FrameError, messageFrame } from './message-frames.ts';
import { PluginCallError } from './plugin-call-error.ts';
import { StallableStream } from './stallable-stream.ts';

/** How a connection behaves. */
export interface ConnectionSettings {
  /** The `:authority` of every call. */
  readonly authority: string;
  readonly maxMessageBytes: number;
  /** Bytes that the peer may send on a stream, and on the connection, before it has to wait. Default: 65,535, that of HTTP/2. */
  readonly windowBytes?: number | undefined;
  /** Makes {@link GrpcConnection.stall} possible, which costs a copy of everything. */
  readonly isStallable?: boolean | undefined;
}

/** A method as the generated code describes it. */
export interface GrpcMethod<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/** One connection to a unix socket, with gRPC on it: what the kubelet has to each plugin. */
export class GrpcConnection {
  readonly #settings: ConnectionSettings;
  readonly #socket: Socket;
  readonly #transport: Socket | StallableStream;
  readonly #session: ClientHttp2Session;
  readonly #calls = new Set<GrpcCall>();

  private constructor(socketPath: string, settings: ConnectionSettings) {
    const { windowBytes, isStallable = false } = settings;
    this.#settings = settings;
    this.#socket = connectSocket(socketPath);
    this.#transport = isStallable ? new StallableStream(this.#socket) : this.#socket;
    this.#session = connectHttp2('http://localhost', {
      createConnection: () => this.#transport,
      settings: { enablePush: false, ...(windowBytes !== undefined && { initialWindowSize: windowBytes }) },
    });
    // What fails closes as well, which is what everybody waits for; without a listener it would end the process.
    for (const part of [this.#socket, this.#transport, this.#session]) part.on('error', () => undefined);
  }

  /** Resolves when the peer has said that it speaks HTTP/2. Rejects when it does not, and when `signal` aborts. */
  static async open(socketPath: string, settings: ConnectionSettings, signal: AbortSignal): Promise<GrpcConnection> {
    signal.throwIfAborted();
    const connection = new GrpcConnection(socketPath, settings);
    const { promise, resolve, reject } = Promise.withResolvers<GrpcConnection>();
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort);
    connection.#session.once('remoteSettings', () => resolve(connection));
    connection.#transport.once('close', () => reject(new Error(`nobody serves ${socketPath}`)));
    try {
      const opened = await promise;
      if (settings.windowBytes !== undefined) opened.#session.setLocalWindowSize(settings.windowBytes);
      return opened;
    } catch (error) {
      connection.destroy();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** @throws PluginCallError when the call fails or takes longer than `timeoutMs`. */
  async unary<Request, Response>(
    method: GrpcMethod<Request, Response>,
    request: Request,
    timeoutMs?: number,
  ): Promise<Response> {
    const answers: Response[] = [];
    const { outcome } = this.#call(method, request, (answer) => answers.push(answer), timeoutMs);
    const { status, details } = await outcome;
    const [answer] = answers;
    if (status !== 'OK') throw new PluginCallError({ status, details });
    if (answer === undefined) throw new PluginCallError({ status: 'INTERNAL', details: 'the answer has no message' });
    return answer;
  }

  /** Hands each message to `onMessage`, until the stream ends. @throws PluginCallError when the connection is closed. */
  stream<Request, Response>(
    method: GrpcMethod<Request, Response>,
    request: Request,
    onMessage: (message: Response) => void,
  ): GrpcCall {
    return this.#call(method, request, onMessage);
  }

  /** Reads nothing any more, so that the peer cannot write any more; only for a connection that is stallable. */
  stall(): void {
    if (this.#transport instanceof StallableStream) this.#transport.stall();
  }

  /** Cancels every call and says good-bye. */
  close(): void {
    for (const call of this.#calls) call.end(closing);
    // A peer that does not read never lets a session end.
    const limit = setTimeout(() => {
      this.destroy();
    }, goodByeMs);
    this.#session.once('close', () => {
      clearTimeout(limit);
    });
    if (this.#session.destroyed) clearTimeout(limit);
    else this.#session.close();
  }

  /** Cuts the connection without a word, as the death of a process does. */
  destroy(): void {
    this.#socket.destroy();
    this.#session.destroy();
  }

  #call<Request, Response>(
    { path, requestSerialize, responseDeserialize }: GrpcMethod<Request, Response>,
    request: Request,
    onMessage: (message: Response) => void,
    timeoutMs?: number,
  ): GrpcCall {
    const { authority, maxMessageBytes } = this.#settings;
    if (this.#session.destroyed || this.#session.closed) throw new PluginCallError(closing);
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': path,
      ':authority': authority,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(timeoutMs !== undefined && { 'grpc-timeout': `${timeoutMs}m` }),
    });
    const call = new GrpcCall(stream, {
      maxMessageBytes,
      timeoutMs,
      onMessage: (bytes) => onMessage(decoded(bytes, responseDeserialize)),
      isConnectionLost: () => this.#socket.destroyed,
    });
    this.#calls.add(call);
    void call.outcome.then(() => this.#calls.delete(call));
    stream.end(messageFrame(requestSerialize(request)));
    return call;
  }
}

const goodByeMs = 100;

/** Of a call that our own end of the connection ended. Source: grpc-go clientconn.go, ErrClientConnClosing. */
const closing: CallOutcome = { status: 'CANCELLED', details: 'grpc: the client connection is closing' };

function decoded<Response>(bytes: Buffer, deserialize: (bytes: Buffer) => Response): Response {
  try {
    return deserialize(bytes);
  } catch {
    throw new FrameError({ status: 'INTERNAL', details: 'grpc: failed to unmarshal the received message' });
  }
}
