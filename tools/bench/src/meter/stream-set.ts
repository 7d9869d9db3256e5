// SPDX-License-Identifier: Apache-2.0
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { percentile } from '../statistics.ts';
import { clockMs } from './clock.ts';
import { PluginConnection } from './plugin-connection.ts';

/** How long after something each of many streams had told of it. */
export interface StreamFigures {
  readonly p50Ms: number;
  readonly slowestMs: number;
  /** Of the last list, on each stream. */
  readonly listBytes: number;
}

interface Told {
  readonly atMs: number;
  readonly healthy: number;
  readonly bytes: number;
}

/** Many ListAndWatch streams of one resource, each on a connection of its own, as of many readers. */
export class StreamSet implements Disposable {
  readonly #connections: readonly PluginConnection[];
  readonly #last = new Map<PluginConnection, Told>();
  #onTold: () => void = () => undefined;

  constructor(socketPath: string, count: number) {
    this.#connections = Array.from({ length: count }, () => new PluginConnection(socketPath));
    for (const connection of this.#connections) {
      connection.call(
        'ListAndWatch',
        new Uint8Array(),
        (message) => {
          this.#tell(connection, message);
        },
        () => this.#last.delete(connection),
      );
    }
  }

  /**
   * Waits until the last list of every stream has exactly so many healthy devices.
   *
   * @throws Error when a stream does not get there in time.
   */
  async told(healthy: number, sinceMs: number, timeoutMs: number): Promise<StreamFigures> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (this.#countOf(healthy) === this.#connections.length) resolve(undefined);
    };
    const timer = setTimeout(() => {
      const count = `${this.#countOf(healthy)} of ${this.#connections.length} streams`;
      reject(new Error(`${count} have told of ${healthy} healthy devices within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    this.#onTold = look;
    look();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#onTold = () => undefined;
    }
    const told = [...this.#last.values()];
    const latenciesMs = told.map(({ atMs }) => atMs - sinceMs);
    return {
      p50Ms: percentile(latenciesMs, 0.5),
      slowestMs: percentile(latenciesMs, 1),
      listBytes: told[0]?.bytes ?? 0,
    };
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection.destroy();
  }

  #tell(connection: PluginConnection, message: Buffer): void {
    const atMs = clockMs();
    const { devices } = deviceplugin.ListAndWatchResponse.decode(message);
    const healthy = devices.filter(({ health }) => health === 'Healthy').length;
    this.#last.set(connection, { atMs, healthy, bytes: message.length });
    this.#onTold();
  }

  #countOf(healthy: number): number {
    return [...this.#last.values()].filter((told) => told.healthy === healthy).length;
  }
}
