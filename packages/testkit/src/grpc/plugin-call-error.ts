// SPDX-License-Identifier: Apache-2.0
import { type CallOutcome, goCodeName, type StatusName } from './call-outcome.ts';

/** A call to a plugin that failed. The message has the form in which kubelets log it: `rpc error: code = NotFound desc = …`. */
export class PluginCallError extends Error {
  override readonly name = 'PluginCallError';
  /** The gRPC status as google.rpc.Code spells it, e.g. `NOT_FOUND`. */
  readonly status: StatusName;
  /** What the plugin said. */
  readonly details: string;

  constructor({ status, details }: CallOutcome) {
    super(`rpc error: code = ${goCodeName(status)} desc = ${details}`);
    this.status = status;
    this.details = details;
  }
}
