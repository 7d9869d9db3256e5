// SPDX-License-Identifier: Apache-2.0

/** What a kubelet sees of a plugin, with the moment on {@link clockMs}. */
export type PluginEvent =
  | { readonly kind: 'register'; readonly atMs: number; readonly resource: string }
  | { readonly kind: 'list'; readonly atMs: number; readonly total: number; readonly healthy: number };

/** Which event somebody waits for: the first one that has all of this. */
export interface Awaited {
  readonly kind: PluginEvent['kind'];
  /** Events before this moment do not count. */
  readonly sinceMs: number;
  /** The registration of this resource. */
  readonly resource?: string;
  /** A list of at least so many devices. */
  readonly minTotal?: number;
  /** A list of exactly so many healthy devices. */
  readonly healthy?: number;
}

/** All events of one plugin, and who waits for one. */
export class EventLog {
  readonly #events: PluginEvent[] = [];
  readonly #waiting = new Set<(event: PluginEvent) => void>();

  add(event: PluginEvent): void {
    this.#events.push(event);
    for (const look of [...this.#waiting]) look(event);
  }

  /** Resolves with the moment of the event, which may be past already. */
  async first(awaited: Awaited, timeoutMs: number): Promise<number> {
    const past = this.#events.find((event) => isAwaited(event, awaited));
    if (past !== undefined) return past.atMs;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const timer = setTimeout(reject, timeoutMs, new Error(`no ${describe(awaited)} within ${timeoutMs / 1000} s`));
    const look = (event: PluginEvent): void => {
      if (isAwaited(event, awaited)) resolve(event.atMs);
    };
    this.#waiting.add(look);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }
}

function isAwaited(event: PluginEvent, { kind, sinceMs, resource, minTotal = 0, healthy }: Awaited): boolean {
  if (event.kind !== kind || event.atMs < sinceMs) return false;
  if (event.kind === 'register') return (resource ?? event.resource) === event.resource;
  return event.total >= minTotal && (healthy ?? event.healthy) === event.healthy;
}

function describe({ kind, resource, minTotal, healthy }: Awaited): string {
  if (kind === 'register') return resource === undefined ? 'registration' : `registration of ${resource}`;
  if (healthy !== undefined) return `list of ${healthy} healthy devices`;
  return minTotal === undefined ? 'list of devices' : `list of at least ${minTotal} devices`;
}
