// SPDX-License-Identifier: Apache-2.0
import { constants, type IncomingHttpHeaders } from 'node:http2';

/** How a gRPC call ended, in the words of its server. */
export class GrpcStatusError extends Error {
  override readonly name = 'GrpcStatusError';
  /** Number of google.rpc.Code; 2, UNKNOWN, for an answer that is no gRPC. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message === '' ? `gRPC status ${status}` : message);
    this.status = status;
  }
}

/** What one block of headers, the first or the trailing one, says of the end of a call. */
export type CallEnd = 'ok' | GrpcStatusError | undefined;

/** Source: grpc/grpc, doc/PROTOCOL-HTTP2.md, Responses. */
export function callEndOf(headers: IncomingHttpHeaders): CallEnd {
  const httpStatus = String(headers[constants.HTTP2_HEADER_STATUS] ?? 200);
  if (httpStatus !== '200') return new GrpcStatusError(2, `HTTP status ${httpStatus}`);
  const code = headers['grpc-status'];
  if (code === undefined) return undefined;
  return code === '0' ? 'ok' : new GrpcStatusError(Number(code), percentDecoded(String(headers['grpc-message'] ?? '')));
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
