// SPDX-License-Identifier: Apache-2.0
import { type GrpcCall, GrpcClient } from './grpc-client.ts';

/** One gRPC call to a unix socket. */
export interface UnaryCall extends GrpcCall {
  readonly socketPath: string;
}

/**
 * Makes a gRPC call on a connection of its own and resolves with the encoded answer.
 *
 * @throws DevicePluginError `RPC_FAILED`, see {@link GrpcClient}.
 */
export async function callUnary({ socketPath, ...call }: UnaryCall, signal: AbortSignal): Promise<Buffer> {
  using client = new GrpcClient(socketPath);
  return await client.unary(call, signal);
}
