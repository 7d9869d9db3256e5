// SPDX-License-Identifier: Apache-2.0
import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { PluginOptions } from './plugin-options.ts';

/** How calls fail. */
export class GrpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Source: google.rpc.Code. */
export const codes = {
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
} as const;

/** One method: gets the message, and answers it or takes over the stream. */
export type Handler = (message: Buffer, stream: ServerHttp2Stream) => Promise<Uint8Array | 'taken over'>;

const maxMessageBytes = 4 * 1024 * 1024;

/** gRPC on HTTP/2, as little of it as a device plugin needs. */
export function grpcServer(options: PluginOptions, handlers: ReadonlyMap<string, Handler>): Http2Server {
  const server = createServer();
  server.on('sessionError', (error: NodeJS.ErrnoException) => {
    if (options.has('RB-01-crash') && error.code === 'ERR_HTTP2_ERROR') process.exit(1);
  });
  server.on('session', (session) => {
    let pings = 0;
    if (options.has('RB-09-pings')) session.on('ping', () => (pings += 1) > 2 && session.destroy());
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    serve(options, handlers, stream, headers).catch((error: unknown) => {
      if (error instanceof GrpcError) fail(stream, error);
      else fail(stream, new GrpcError(codes.INTERNAL, String(error)));
    });
  });
  return server;
}

/** Length and flag before the message. */
export function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Sends the headers of a good answer, and the trailers when the stream is ended. */
export function respond(stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => {
    if (!stream.destroyed) stream.sendTrailers({ 'grpc-status': '0' });
  });
}

async function serve(
  options: PluginOptions,
  handlers: ReadonlyMap<string, Handler>,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<void> {
  if (options.has('ST-20-authority') && headers[':authority'] !== 'localhost') {
    throw new GrpcError(codes.INTERNAL, 'odd authority');
  }
  const handler = handlers.get(headers[':path'] ?? '');
  if (handler === undefined) {
    throw new GrpcError(options.has('RB-04-internal') ? codes.INTERNAL : codes.UNIMPLEMENTED, 'no such method');
  }
  const timeout = /^(\d+)m$/.exec(String(headers['grpc-timeout']))?.[1];
  if (timeout !== undefined && !options.has('RB-07-ignored')) {
    const timer = setTimeout(() => fail(stream, new GrpcError(codes.DEADLINE_EXCEEDED, 'too late')), Number(timeout));
    stream.once('close', () => clearTimeout(timer));
  }
  const message = await messageOf(options, stream, headers['grpc-encoding']);
  const answer = await handler(message, stream);
  if (answer === 'taken over' || stream.destroyed || stream.headersSent) return;
  respond(stream);
  stream.end(framed(answer));
}

async function messageOf(
  options: PluginOptions,
  stream: ServerHttp2Stream,
  encoding: string | string[] | undefined,
): Promise<Buffer> {
  const body = Buffer.concat(await stream.toArray());
  if (body.length < 5 || body.length !== 5 + body.readUInt32BE(1)) throw new GrpcError(codes.INTERNAL, 'cut short');
  if (body[0] !== 0 && !options.has('RB-06-ignored')) {
    const isKnown = encoding === undefined || encoding === 'identity';
    throw new GrpcError(isKnown ? codes.INTERNAL : codes.UNIMPLEMENTED, 'compressed');
  }
  if (body.length - 5 > maxMessageBytes && !options.has('RB-05-unlimited')) {
    throw new GrpcError(codes.RESOURCE_EXHAUSTED, 'too large');
  }
  return body.subarray(5);
}

function fail(stream: ServerHttp2Stream, { code, message }: GrpcError): void {
  if (stream.destroyed) return;
  if (stream.headersSent) {
    stream.close(8);
    return;
  }
  const status = { 'grpc-status': String(code), 'grpc-message': encodeURIComponent(message) };
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
  stream.resume();
}
