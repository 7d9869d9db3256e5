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
import { childController } from './abortable.ts';

/** One gRPC call to a unix socket. */
export interface UnaryCall {
  readonly socketPath: string;
  /** For example `/v1beta1.Registration/Register`. */
  readonly method: string;
  /** The encoded message. */
  readonly request: Uint8Array;
  readonly timeoutMs: number;
}

/**
 * Makes a gRPC call on a connection of its own and resolves with the encoded answer.
 *
 * The kubelet is called a few times in the life of a plugin; grpc-js's client would cost each start 8 ms and 1 MiB for that.
 * Protocol: gRPC over HTTP/2 (grpc/grpc, doc/PROTOCOL-HTTP2.md), requests and answers uncompressed.
 *
 * @throws DevicePluginError `KUBELET_CALL` with what went wrong: not reachable, a status other than OK, no answer in time, aborted.
 */
export async function callUnary(call: UnaryCall, signal: AbortSignal): Promise<Buffer> {
  const { controller, release } = childController(signal);
  const timer = setTimeout(() => {
    controller.abort(new Error(`no answer within ${call.timeoutMs / 1000} s`));
  }, call.timeoutMs).unref();
  const session = connectHttp2('http://localhost', { createConnection: () => connectSocket(call.socketPath) });
  // A session that fails also fails its stream; without a listener of its own the error would be uncaught.
  session.on('error', () => undefined);
  try {
    return await exchange(session, call, controller.signal);
  } catch (error) {
    // What ends because of the limit fails in ways of its own.
    throw callError(call, controller.signal.aborted ? controller.signal.reason : error);
  } finally {
    clearTimeout(timer);
    release();
    session.destroy();
  }
}

async function exchange(session: ClientHttp2Session, call: UnaryCall, signal: AbortSignal): Promise<Buffer> {
  signal.throwIfAborted();
  await once(session, 'connect', { signal });
  signal.throwIfAborted();
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: call.method,
    [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
    [constants.HTTP2_HEADER_TE]: 'trailers',
    'grpc-timeout': `${call.timeoutMs}m`,
  });
  const abort = (): void => {
    stream.close(constants.NGHTTP2_CANCEL);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    stream.end(frame(call.request));
    return unframe(await bodyOf(stream));
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function bodyOf(stream: ClientHttp2Stream): Promise<Buffer> {
  let status: GrpcStatus | undefined;
  const take = (headers: IncomingHttpHeaders): void => {
    status = statusOf(headers) ?? status;
  };
  stream.on('response', take).on('trailers', take);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxAnswerBytes) throw new Error(`the answer is longer than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  if (status === undefined) throw new Error('the call ended without a gRPC status');
  if (status.code !== 0) throw new Error(status.message === '' ? `gRPC status ${status.code}` : status.message);
  return Buffer.concat(chunks);
}

/** Answers of the kubelet are empty messages. */
const maxAnswerBytes = 64 * 1024;

interface GrpcStatus {
  readonly code: number;
  readonly message: string;
}

function statusOf(headers: IncomingHttpHeaders): GrpcStatus | undefined {
  const httpStatus = String(headers[constants.HTTP2_HEADER_STATUS] ?? 200);
  if (httpStatus !== '200') return { code: 2, message: `HTTP status ${httpStatus}` };
  const code = headers['grpc-status'];
  if (code === undefined) return undefined;
  return { code: Number(code), message: percentDecoded(String(headers['grpc-message'] ?? '')) };
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Length-prefixed message: one byte "not compressed", four bytes of length. */
function frame(message: Uint8Array): Buffer {
  const framed = Buffer.alloc(prefixBytes + message.byteLength);
  framed.writeUInt32BE(message.byteLength, 1);
  framed.set(message, prefixBytes);
  return framed;
}

function unframe(body: Buffer): Buffer {
  if (body.length < prefixBytes || body.length < prefixBytes + body.readUInt32BE(1))
    throw new Error('the answer is cut short');
  if (body[0] !== 0) throw new Error('the answer is compressed, which was not asked for');
  return body.subarray(prefixBytes, prefixBytes + body.readUInt32BE(1));
}

const prefixBytes = 5;

function callError({ socketPath, method }: UnaryCall, cause: unknown): DevicePluginError {
  return new DevicePluginError('KUBELET_CALL', `${method} on ${socketPath} failed`, { cause });
}
