// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { connect as connectHttp2, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';

/** What became of a call: the HTTP status, and the status of gRPC where there is one. */
export interface RawAnswer {
  readonly httpStatus: number;
  readonly grpcStatus: number | undefined;
}

/** A call as no gRPC library would make it. */
export async function rawCall(
  socketPath: string,
  body: Uint8Array,
  headers: OutgoingHttpHeaders = {},
): Promise<RawAnswer> {
  const session = connectHttp2('http://localhost', { createConnection: () => connectSocket(socketPath) });
  session.on('error', () => undefined);
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/v1beta1.DevicePlugin/Allocate',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let answer: IncomingHttpHeaders = {};
    const take = (some: IncomingHttpHeaders): void => void (answer = { ...answer, ...some });
    stream
      .on('response', take)
      .on('trailers', take)
      .on('error', () => undefined);
    stream.end(body);
    stream.resume();
    await once(stream, 'close');
    const status = answer['grpc-status'];
    return { httpStatus: Number(answer[':status']), grpcStatus: status === undefined ? undefined : Number(status) };
  } finally {
    session.destroy();
  }
}

/** A message behind its prefix of five bytes. */
export function message(bytes: Uint8Array, { compressed = false, length = bytes.length } = {}): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(compressed ? 1 : 0);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, bytes]);
}

/** Sends bytes as they are, and resolves with what comes back until the other side closes. */
export async function sendBytes(socketPath: string, bytes: Uint8Array): Promise<Buffer> {
  const socket = connectSocket(socketPath);
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk)).on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return Buffer.concat(received);
}

/** How an HTTP/2 client begins: the preface and empty settings. Source: RFC 9113, 3.4. */
export const http2Preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)]);

/** A frame of HTTP/2. Source: RFC 9113, 4.1. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array = Buffer.alloc(0),
  length = payload.length,
): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, payload]);
}
