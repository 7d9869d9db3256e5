// SPDX-License-Identifier: Apache-2.0
import type { Clock } from './clock.ts';

/** How long the kubelet remembers a resource whose plugin is gone. Upstream: devicemanager/types.go, endpointStopGracePeriod. */
const gracePeriodMs = 5 * 60_000;

/** Waits for plugins that are gone, one timer for each resource. */
export class GracePeriod {
  readonly #clock: Clock;
  readonly #onOver: (resource: string) => void;
  readonly #cancels = new Map<string, () => void>();

  constructor(clock: Clock, onOver: (resource: string) => void) {
    this.#clock = clock;
    this.#onOver = onOver;
  }

  /** Begins anew when it has begun. */
  begin(resource: string): void {
    this.end(resource);
    const over = (): void => {
      this.#cancels.delete(resource);
      this.#onOver(resource);
    };
    this.#cancels.set(resource, this.#clock.after(gracePeriodMs, over));
  }

  /** The plugin is back. */
  end(resource: string): void {
    this.#cancels.get(resource)?.();
    this.#cancels.delete(resource);
  }

  endAll(): void {
    for (const resource of [...this.#cancels.keys()]) this.end(resource);
  }
}
