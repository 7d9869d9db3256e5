// SPDX-License-Identifier: Apache-2.0
import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2';
import { type CallOutcome, outcomeOf } from './call-outcome.ts';
import { FrameError, FrameReader } from './message-frames.ts';

/** What a call goes by. */
export interface CallSettings {
  readonly maxMessageBytes: number;
  /** No limit when it is left out. */
  readonly timeoutMs?: number | undefined;
  readonly onMessage: (message: Buffer) => void;
  readonly isConnectionLost: () => boolean;
}

/** One call on an HTTP/2 stream, from the moment its request is sent. */
export class GrpcCall {
  /** How it ended; never rejects. */
  readonly outcome: Promise<CallOutcome>;
  readonly #stream: ClientHttp2Stream;
  #early: CallOutcome | undefined;
  #headers: IncomingHttpHeaders = {};

  constructor(stream: ClientHttp2Stream, { maxMessageBytes, timeoutMs, onMessage, isConnectionLost }: CallSettings) {
    this.#stream = stream;
    const reader = new FrameReader(maxMessageBytes);
    const take = (headers: IncomingHttpHeaders): void => {
      this.#headers = { ...this.#headers, ...headers };
    };
    stream.on('response', take).on('trailers', take);
    stream.on('data', (chunk: Buffer) => {
      if (this.#early === undefined) this.#read(reader, chunk, onMessage);
    });
    // 'close' follows, and says the same.
    stream.on('error', () => undefined);
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            this.end({ status: 'DEADLINE_EXCEEDED', details: 'context deadline exceeded' });
          }, timeoutMs);
    const { promise, resolve } = Promise.withResolvers<CallOutcome>();
    stream.once('close', () => {
      clearTimeout(timer);
      resolve(this.#early ?? this.#received(isConnectionLost()));
    });
    this.outcome = promise;
  }

  /** Sends RST_STREAM with CANCEL; the call ends with this outcome. */
  end(outcome: CallOutcome): void {
    this.#early ??= outcome;
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #read(reader: FrameReader, chunk: Buffer, onMessage: (message: Buffer) => void): void {
    try {
      for (const message of reader.push(chunk)) onMessage(message);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.end(error.outcome);
    }
  }

  #received(isConnectionLost: boolean): CallOutcome {
    const headers = this.#headers;
    return outcomeOf({
      grpcStatus: textOf(headers['grpc-status']),
      grpcMessage: textOf(headers['grpc-message']),
      httpStatus: Number(textOf(headers[':status']) ?? constants.HTTP_STATUS_OK),
      resetCode: this.#stream.rstCode,
      isConnectionLost,
    });
  }
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
