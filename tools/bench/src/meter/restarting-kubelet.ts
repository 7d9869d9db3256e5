// SPDX-License-Identifier: Apache-2.0
import { FakeKubelet, type RestartKind } from '@kube-device-plugins/testkit';
import { clockMs } from './clock.ts';
import { EventLog } from './event-log.ts';

/** The kubelet of the tests with a clock beside it, for it restarts in every way that kubelets do. */
export class RestartingKubelet {
  readonly events = new EventLog();
  readonly #kubelet: FakeKubelet;
  #listensSinceMs = 0;

  constructor(directory: string) {
    this.#kubelet = new FakeKubelet({
      dir: directory,
      beforeRegister: ({ resourceName }) => {
        this.events.add({ kind: 'register', atMs: clockMs(), resource: resourceName });
        return Promise.resolve();
      },
    });
    this.#kubelet.subscribe((event) => {
      if (event.type === 'started') this.#listensSinceMs = clockMs();
      if (event.type !== 'listed') return;
      const healthy = event.devices.filter(({ health }) => health === 'Healthy').length;
      this.events.add({ kind: 'list', atMs: clockMs(), total: event.devices.length, healthy });
    });
  }

  async open(): Promise<void> {
    await this.#kubelet.start();
  }

  async close(): Promise<void> {
    await this.#kubelet.stop();
  }

  /** Resolves with the moment from which on it listened; of two restarts in a row that of the second. */
  async restart(kind: RestartKind, awayMs: number): Promise<number> {
    await this.#kubelet.restart(kind, { downMs: awayMs });
    return this.#listensSinceMs;
  }
}
