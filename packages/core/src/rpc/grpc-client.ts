// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import {
  connect as connectHttp2,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { DevicePluginError } from '../errors.ts';
import { type CallEnd, callEndOf } from './grpc-status.ts';
import { FrameReader, messageFrame } from './message-frames.ts';

/** One gRPC call. */
export interface GrpcCall {
  /** For example `/v1beta1.Registration/Register`. */
  readonly method: string;
  /** The encoded message. */
  readonly request: Uint8Array;
  /** How long the whole call may take. */
  readonly timeoutMs: number;
  /** Longest message that is taken; without it 4 MiB, as gRPC has it. */
  readonly maxMessageBytes?: number;
}

/** A call that is answered with messages for as long as both sides like. */
export type GrpcStreamCall = Omit<GrpcCall, 'timeoutMs'>;

/**
 * Calls the gRPC server on a unix socket. The first call connects, the later ones share the connection; when that has ended, for whatever
 * reason, the next call makes a new one. An open connection keeps the process alive: {@link close} it.
 *
 * The servers that a plugin calls are on its node and are called with a few methods; the client of grpc-js would cost each start 8 ms and
 * 1 MiB for that. Protocol: gRPC over HTTP/2 (grpc/grpc, doc/PROTOCOL-HTTP2.md), nothing compressed.
 *
 * Both kinds of calls fail with a DevicePluginError `RPC_FAILED` whose cause is what went wrong: not reachable, a {@link GrpcStatusError},
 * an answer that is no gRPC or too long, no answer in time, aborted.
 */
export class GrpcClient implements Disposable {
  readonly #socketPath: string;
  #session: ClientHttp2Session | undefined;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Resolves with the one message of the answer. */
  async unary(call: GrpcCall, signal: AbortSignal): Promise<Buffer> {
    const limit = new AbortController();
    const abort = (): void => {
      limit.abort(signal.reason);
    };
    const timer = setTimeout(() => {
      limit.abort(new Error(`no answer within ${call.timeoutMs / 1000} s`));
    }, call.timeoutMs).unref();
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await onlyOne(this.#messages(call, { 'grpc-timeout': `${call.timeoutMs}m` }, limit.signal));
    } catch (error) {
      throw this.#failure(call, limit.signal, error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  /** Gives each message when it comes, until the server ends the call with status OK. */
  async *stream(call: GrpcStreamCall, signal: AbortSignal): AsyncGenerator<Buffer, void> {
    try {
      yield* this.#messages(call, {}, signal);
    } catch (error) {
      throw this.#failure(call, signal, error);
    }
  }

  /** Cuts the connection and with it the calls under way. */
  close(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async *#messages(
    { method, request, maxMessageBytes = defaultMaxMessageBytes }: GrpcStreamCall,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void> {
    const stream = await this.#open(method, headers, signal);
    const abort = (): void => {
      stream.close(constants.NGHTTP2_CANCEL);
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      stream.end(messageFrame(request));
      yield* messagesOf(stream, new FrameReader(maxMessageBytes));
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #open(
    method: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ClientHttp2Stream> {
    signal.throwIfAborted();
    const session = this.#connection();
    if (session.connecting) await once(session, 'connect', { signal });
    signal.throwIfAborted();
    return session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: method,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      [constants.HTTP2_HEADER_TE]: 'trailers',
      ...headers,
    });
  }

  #connection(): ClientHttp2Session {
    if (this.#session !== undefined && !this.#session.closed && !this.#session.destroyed) return this.#session;
    const session = connectHttp2('http://localhost', { createConnection: () => connectSocket(this.#socketPath) });
    // A session that fails also fails its streams; without a listener of its own the error would be uncaught.
    session.on('error', () => undefined);
    // Every call that comes before the connection waits for it.
    session.setMaxListeners(0);
    this.#session = session;
    return session;
  }

  #failure({ method }: GrpcStreamCall, signal: AbortSignal, error: unknown): DevicePluginError {
    // What ends because of the limit fails in ways of its own.
    const cause: unknown = signal.aborted ? signal.reason : error;
    return new DevicePluginError('RPC_FAILED', `${method} on ${this.#socketPath} failed`, { cause });
  }
}

/** Source: grpc/grpc-go, defaultClientMaxReceiveMessageSize. */
const defaultMaxMessageBytes = 4 * 1024 * 1024;

async function* messagesOf(stream: ClientHttp2Stream, reader: FrameReader): AsyncGenerator<Buffer, void> {
  let first: CallEnd;
  let last: CallEnd;
  stream.on('response', (headers: IncomingHttpHeaders) => {
    first = callEndOf(headers);
  });
  stream.on('trailers', (headers: IncomingHttpHeaders) => {
    last = callEndOf(headers);
  });
  for await (const piece of stream as AsyncIterable<Buffer>) {
    // What comes with another HTTP status is a page for people.
    if (first === undefined) yield* reader.push(piece);
  }
  const end = first ?? last;
  if (end === undefined) throw new Error('the call ended without a gRPC status');
  if (end !== 'ok') throw end;
  if (reader.isInside) throw new Error('the answer is cut short');
}

async function onlyOne(messages: AsyncIterable<Buffer>): Promise<Buffer> {
  let only: Buffer | undefined;
  for await (const message of messages) {
    if (only !== undefined) throw new Error('the answer is more than one message');
    only = message;
  }
  if (only === undefined) throw new Error('the answer is cut short');
  return only;
}
