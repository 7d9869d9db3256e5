// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, errorTable, messageOf } from '../errors.ts';

/** Numbers of google.rpc.Code that this project answers with. Source: google/rpc/code.proto. */
export const statusCodes = {
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const;

/** What grpc-js takes in place of an answer. */
export interface CallFailure {
  readonly code: number;
  readonly details: string;
}

/** The one place where errors become gRPC statuses: ours by the error table, anything that a plugin threw as UNKNOWN with its message. */
export function toCallFailure(error: unknown): CallFailure {
  const code = error instanceof DevicePluginError ? statusCodes[errorTable[error.code].status] : statusCodes.UNKNOWN;
  const text = messageOf(error);
  const details = text.length > maxDetailsLength ? `${text.slice(0, maxDetailsLength)}…` : text;
  // grpc-js passes the text through encodeURI(), which throws on half a surrogate pair.
  return { code, details: details.toWellFormed() };
}

/** In characters. The text travels in a header, where HTTP/2 implementations take 8 KiB and more, and may take three times its size there. */
const maxDetailsLength = 2_000;
