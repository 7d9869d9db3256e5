// SPDX-License-Identifier: Apache-2.0
import type { UntypedServiceImplementation } from '@grpc/grpc-js';

type UnaryHandler = (call: object, callback: unknown) => void;

/**
 * Counts the calls that wait for an answer. At the end they have to be waited for before the ListAndWatch streams end:
 * a kubelet whose stream ends closes the connection, and with it cancels what is under way on it.
 */
export class CallsInFlight {
  #count = 0;
  #onDrained: (() => void) | undefined;

  /** The same implementation, with the calls counted that take a callback; streams do not. */
  counting(implementation: UntypedServiceImplementation): UntypedServiceImplementation {
    return Object.fromEntries<UntypedServiceImplementation[string]>(
      Object.entries(implementation).map(([name, handler]) => [
        name,
        handler.length < 2 ? handler : this.#counted(handler as UnaryHandler),
      ]),
    );
  }

  /** Resolves when no call is left, with how much of `timeoutMs` is: 0 when calls were still under way then. */
  async drained(timeoutMs: number): Promise<number> {
    if (this.#count === 0) return timeoutMs;
    const startMs = performance.now();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(resolve, timeoutMs, undefined);
    this.#onDrained = () => {
      resolve(undefined);
    };
    await promise;
    clearTimeout(timer);
    return Math.max(0, timeoutMs - (performance.now() - startMs));
  }

  #counted(handler: UnaryHandler): UnaryHandler {
    return (call, callback) => {
      this.#count += 1;
      // Not before the answer has left: it is still to be written when the callback returns.
      streamOf(call)?.once('close', () => {
        this.#count -= 1;
        if (this.#count === 0) this.#onDrained?.();
      });
      handler(call, callback);
    };
  }
}

interface CallStream {
  readonly session?: object;
  once(event: 'close', listener: () => void): void;
}

/** The HTTP/2 stream of a call. grpc-js has no public way to it; a test pins the private one. */
export function streamOf(call: object): CallStream | undefined {
  return (call as { call?: { stream?: CallStream } }).call?.stream;
}
