// SPDX-License-Identifier: Apache-2.0
import { constants, type IncomingHttpHeaders, performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { messageOf } from '@kube-device-plugins/core';
import { type StatusName, statusNames } from './call-outcome.ts';
import { FrameError, FrameReader, messageFrame } from './message-frames.ts';

/** How the server behaves on the wire; what is left out is as in HTTP/2. */
export interface UnaryServerSettings {
  readonly maxMessageBytes: number;
  readonly windowBytes?: number | undefined;
  /** Calls that one connection may have under way. */
  readonly maxConcurrentStreams?: number | undefined;
}

/** A method as the generated code describes it. */
export interface ServerMethod<Request, Response> {
  readonly path: string;
  readonly requestDeserialize: (bytes: Buffer) => Request;
  readonly responseSerialize: (response: Response) => Buffer;
}

/** Who calls. */
export interface Caller {
  /** Aborts when the call is over for the caller: cancelled, or gone. */
  readonly signal: AbortSignal;
  /** Cuts the connection of the caller. */
  disconnect(): void;
}

/** What a handler rejects with to choose the status; any other error is UNKNOWN with its message, as a plain Go error is. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: StatusName;

  constructor(status: StatusName, details: string) {
    super(details);
    this.status = status;
  }
}

type Answer = (request: Buffer, caller: Caller) => Promise<Buffer>;

/** gRPC calls with one request and one answer, on connections that others accept. */
export class UnaryServer {
  readonly #settings: UnaryServerSettings;
  readonly #answers = new Map<string, Answer>();
  readonly #connections = new Set<Socket>();

  constructor(settings: UnaryServerSettings) {
    this.#settings = settings;
  }

  handle<Request, Response>(
    method: ServerMethod<Request, Response>,
    handler: (request: Request, caller: Caller) => Response | Promise<Response>,
  ): void {
    this.#answers.set(method.path, async (bytes, caller) =>
      method.responseSerialize(await handler(requestOf(bytes, method), caller)),
    );
  }

  serve(connection: Socket): void {
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    const { windowBytes, maxConcurrentStreams } = this.#settings;
    const session = performServerHandshake(connection, {
      settings: {
        ...(windowBytes !== undefined && { initialWindowSize: windowBytes }),
        ...(maxConcurrentStreams !== undefined && { maxConcurrentStreams }),
      },
    });
    if (windowBytes !== undefined) session.setLocalWindowSize(windowBytes);
    // One that speaks no HTTP/2, or is gone, is no concern of the others.
    for (const part of [connection, session]) part.on('error', () => undefined);
    session.on('stream', (stream, headers) => {
      void this.#answer(stream, headers, () => connection.destroy());
    });
  }

  /** Cuts all connections, as the death of a process does. */
  disconnectAll(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  async #answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, disconnect: () => void): Promise<void> {
    const over = new AbortController();
    stream.on('error', () => undefined);
    stream.once('close', () => {
      over.abort();
    });
    try {
      const path = headers[':path'] ?? '';
      const answer = this.#answers.get(path);
      if (answer === undefined) throw new StatusError('UNIMPLEMENTED', `unknown method ${path}`);
      const request = await requestBytes(stream, this.#settings.maxMessageBytes);
      const response = await answer(request, { signal: over.signal, disconnect });
      if (!stream.destroyed) succeed(stream, response);
    } catch (error) {
      if (!stream.destroyed) fail(stream, error);
    }
  }
}

function requestOf<Request>(bytes: Buffer, { requestDeserialize }: ServerMethod<Request, never>): Request {
  try {
    return requestDeserialize(bytes);
  } catch (error) {
    throw new StatusError('INTERNAL', `grpc: error unmarshalling request: ${messageOf(error)}`);
  }
}

async function requestBytes(stream: ServerHttp2Stream, maxMessageBytes: number): Promise<Buffer> {
  const reader = new FrameReader(maxMessageBytes);
  const messages: Buffer[] = [];
  // The stream has to live on, for the answer.
  const chunks: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false });
  for await (const chunk of chunks) messages.push(...reader.push(chunk));
  const [message] = messages;
  if (message === undefined || messages.length > 1 || reader.isInside) {
    throw new StatusError('INTERNAL', `expected one message, received ${messages.length}`);
  }
  return message;
}

function succeed(stream: ServerHttp2Stream, message: Uint8Array): void {
  stream.respond(
    { ':status': constants.HTTP_STATUS_OK, 'content-type': 'application/grpc' },
    { waitForTrailers: true },
  );
  stream.once('wantTrailers', () => {
    stream.sendTrailers({ 'grpc-status': '0' });
  });
  stream.end(messageFrame(message));
}

function fail(stream: ServerHttp2Stream, error: unknown): void {
  const { status, details } = outcomeOfError(error);
  stream.respond(
    {
      ':status': constants.HTTP_STATUS_OK,
      'content-type': 'application/grpc',
      'grpc-status': String(statusNames.indexOf(status)),
      'grpc-message': percentEncoded(details),
    },
    { endStream: true },
  );
  stream.resume();
}

function outcomeOfError(error: unknown): { readonly status: StatusName; readonly details: string } {
  if (error instanceof FrameError) return error.outcome;
  if (error instanceof StatusError) return { status: error.status, details: error.message };
  return { status: 'UNKNOWN', details: messageOf(error) };
}

/** Printable ASCII but for the percent sign stays as it is. Source: grpc/grpc doc/PROTOCOL-HTTP2.md, Percent-Encoded. */
function percentEncoded(text: string): string {
  return text.toWellFormed().replace(/[^ -$&-~]/gu, (character) => encodeURIComponent(character));
}
