// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:http2';

/** How a gRPC call ended. */
export interface CallOutcome {
  /** As google.rpc.Code spells it, e.g. `NOT_FOUND`. */
  readonly status: StatusName;
  readonly details: string;
}

/** Every gRPC status; its number is its place. Source: google.rpc.Code. */
export const statusNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

export type StatusName = (typeof statusNames)[number];

/** What is known of a call when its HTTP/2 stream has closed. */
export interface ClosedStream {
  /** The last headers with a status: the trailers, or the answer itself when it has nothing else. */
  readonly grpcStatus: string | undefined;
  readonly grpcMessage: string | undefined;
  readonly httpStatus: number;
  /** Error code of the RST_STREAM frame. */
  readonly resetCode: number;
  readonly isConnectionLost: boolean;
}

/**
 * The status of a call by what came over the wire. Statuses and texts are those of the Go client that a kubelet has.
 * Source: grpc/grpc doc/PROTOCOL-HTTP2.md; grpc-go internal/transport/http2_client.go and http_util.go.
 */
export function outcomeOf(closed: ClosedStream): CallOutcome {
  const { grpcStatus, grpcMessage = '', httpStatus, resetCode, isConnectionLost } = closed;
  if (grpcStatus !== undefined) {
    return { status: statusNames[Number(grpcStatus)] ?? 'UNKNOWN', details: percentDecoded(grpcMessage) };
  }
  if (httpStatus !== 200) {
    const details = `unexpected HTTP status code received from server: ${httpStatus}`;
    return { status: statusOfHttp.get(httpStatus) ?? 'UNKNOWN', details };
  }
  if (isConnectionLost) return { status: 'UNAVAILABLE', details: 'error reading from server: EOF' };
  if (resetCode === constants.NGHTTP2_NO_ERROR) {
    return { status: 'INTERNAL', details: 'server closed the stream without sending trailers' };
  }
  const details = `stream terminated by RST_STREAM with error code: ${resetNames[resetCode] ?? resetCode}`;
  return { status: statusOfReset.get(resetCode) ?? 'INTERNAL', details };
}

/** `NOT_FOUND` → `NotFound`. Upstream: grpc-go codes/code_string.go, which spells one of them its own way. */
export function goCodeName(name: StatusName): string {
  if (name === 'CANCELLED') return 'Canceled';
  return name.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

const statusOfHttp: ReadonlyMap<number, StatusName> = new Map([
  [400, 'INTERNAL'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'UNIMPLEMENTED'],
  [429, 'UNAVAILABLE'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'UNAVAILABLE'],
]);

const statusOfReset: ReadonlyMap<number, StatusName> = new Map([
  [constants.NGHTTP2_REFUSED_STREAM, 'UNAVAILABLE'],
  [constants.NGHTTP2_CANCEL, 'CANCELLED'],
  [constants.NGHTTP2_ENHANCE_YOUR_CALM, 'RESOURCE_EXHAUSTED'],
  [constants.NGHTTP2_INADEQUATE_SECURITY, 'PERMISSION_DENIED'],
]);

/** By code. Source: RFC 9113, 7. */
const resetNames = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

/** A text that is not properly encoded is taken as it is, as the protocol asks for. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
