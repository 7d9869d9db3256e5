// SPDX-License-Identifier: Apache-2.0
import type { DeviceTree } from '../device-tree.ts';
import { RemarkLog } from '../log/remark-log.ts';
import { Maintenance } from './maintained-tree.ts';
import type { MaintenanceEntry } from './maintenance.ts';

/** Knows which devices are under maintenance at the moment, and calls back when they are others. */
export class MaintenanceClock {
  readonly #namespace: string;
  readonly #remarks = new RemarkLog();
  #maintenance: Maintenance;
  #onChange: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param namespace - of resources without one. */
  constructor(namespace: string, entries: readonly MaintenanceEntry[]) {
    this.#namespace = namespace;
    this.#maintenance = new Maintenance(namespace, entries);
    this.#maintenance.setTime(Date.now());
  }

  /** Calls `onChange` from now on, until {@link stop}. */
  start(onChange: () => void): void {
    this.#onChange = onChange;
    this.#setTimer();
  }

  stop(): void {
    this.#onChange = () => undefined;
    clearTimeout(this.#timer);
  }

  setEntries(entries: readonly MaintenanceEntry[]): void {
    this.#maintenance = new Maintenance(this.#namespace, entries);
    this.#maintenance.setTime(Date.now());
    this.#setTimer();
    this.#onChange();
  }

  /** Looks at the clock of the host, which may have been set: no timer follows it. */
  look(): void {
    if (this.#maintenance.setTime(Date.now())) this.#onChange();
    this.#setTimer();
  }

  /** The tree as the kubelet is to see it. What an administrator should know of the entries is told when it is new. */
  appliedTo(tree: DeviceTree): DeviceTree {
    const { tree: maintained, remarks } = this.#maintenance.appliedTo(tree);
    this.#remarks.tell(remarks);
    return maintained;
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const endMs = this.#maintenance.nextEndMs;
    if (endMs === undefined) return;
    const look = (): void => {
      this.look();
    };
    this.#timer = setTimeout(look, Math.min(Math.max(endMs - Date.now(), 1), maxTimerMs)).unref();
  }
}

/** Longest delay of a timer; a longer one would fire at once (Node.js documentation, setTimeout). */
const maxTimerMs = 2 ** 31 - 1;
