// SPDX-License-Identifier: Apache-2.0
import { connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import type { EventEmitter } from 'node:events';
import { type StatusName, statusNames } from '../grpc/call-outcome.ts';
import { messageFrame } from '../grpc/message-frames.ts';

/** A call as no proper client would make it. */
export interface RawCall {
  /** For example `/v1beta1.DevicePlugin/Allocate`. */
  readonly path: string;
  readonly message: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sets the flag of the message that says it is compressed. */
  readonly isCompressed?: boolean;
  readonly timeoutMs: number;
}

/** `NO_STATUS`: the stream or the connection ended without one. */
export type RawStatus = StatusName | 'NO_STATUS';

/** Makes the call on a connection of its own. @throws Error when there is no answer in time. */
export async function rawCall(socketPath: string, call: RawCall): Promise<RawStatus> {
  const { path, message, headers = {}, isCompressed = false, timeoutMs } = call;
  const session = openSession(socketPath);
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      ':authority': 'localhost',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let status: string | undefined;
    const take = (answer: IncomingHttpHeaders): void => {
      status = [answer['grpc-status']].flat()[0] ?? status;
    };
    stream
      .on('response', take)
      .on('trailers', take)
      .on('error', () => undefined);
    const frame = messageFrame(message);
    if (isCompressed) frame[0] = 1;
    stream.end(frame);
    stream.resume();
    if (!(await closes(stream, timeoutMs))) throw new Error(`a call of ${path} has not ended after ${timeoutMs} ms`);
    return (status === undefined ? undefined : statusNames[Number(status)]) ?? 'NO_STATUS';
  } finally {
    session.destroy();
  }
}

/** Sends bytes that are not HTTP/2. Resolves with whether the other end has closed or reset the connection in time. */
export async function isRefused(socketPath: string, bytes: Buffer, timeoutMs: number): Promise<boolean> {
  const socket = connectSocket(socketPath).on('error', () => undefined);
  try {
    socket.resume().write(bytes);
    return await closes(socket, timeoutMs);
  } finally {
    socket.destroy();
  }
}

/** Whether it closes in time, with an error or without. */
export async function closes(emitter: EventEmitter, timeoutMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), timeoutMs);
  emitter.once('close', () => resolve(true));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether GetDevicePluginOptions is answered at once. */
export async function answersOptions(socketPath: string, timeoutMs: number, authority = 'localhost'): Promise<boolean> {
  const session = openSession(socketPath);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), timeoutMs);
  session.once('close', () => resolve(false));
  const path = '/v1beta1.DevicePlugin/GetDevicePluginOptions';
  const headers = { ':method': 'POST', ':path': path, ':authority': authority, te: 'trailers' };
  const stream = session.request({ ...headers, 'content-type': 'application/grpc' });
  stream.on('response', (answer) => resolve(answer[':status'] === 200 && (answer['grpc-status'] ?? '0') === '0'));
  stream.on('error', () => resolve(false));
  stream.end(Buffer.alloc(5));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    session.destroy();
  }
}

/** Whether a ping is answered in time. */
export async function pings(session: ClientHttp2Session, timeoutMs: number): Promise<boolean> {
  if (session.destroyed || session.closed) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), timeoutMs);
  session.ping((error) => resolve(error === null));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** A connection to a plugin whose errors are told by what becomes of its calls. */
export function openSession(socketPath: string, windowBytes?: number): ClientHttp2Session {
  const session = connectHttp2('http://localhost', {
    createConnection: () => connectSocket(socketPath).on('error', () => undefined),
    settings: { enablePush: false, ...(windowBytes !== undefined && { initialWindowSize: windowBytes }) },
  });
  session.on('error', () => undefined);
  return session;
}
