// SPDX-License-Identifier: Apache-2.0
import type { ListeningSocket } from './listening-socket.ts';

/** One of the two ways in which a kubelet learns of a resource. */
export interface Registrar {
  /** Keeps the resource registered. Resolves when the socket is no longer in place or has to be made anew, or when `signal` aborts. Never rejects. */
  keepRegistered(socket: ListeningSocket, signal: AbortSignal): Promise<void>;
}
