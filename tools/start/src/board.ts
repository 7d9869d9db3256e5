// SPDX-License-Identifier: Apache-2.0
import type { DeviceRow } from './table.ts';

/** What one list from a plugin says about one device. */
export interface ListedDevice {
  readonly id: string;
  readonly health: string;
  readonly numaNodes: readonly number[];
  /** Pod and container, when the device is taken. */
  readonly allocatedTo?: string | undefined;
}

/** Something that happened. */
export interface BoardEvent {
  readonly atMs: number;
  readonly text: string;
  readonly isBad: boolean;
}

/** What is known of all devices, and the last things that happened: fed by a kubelet, shown by a screen. */
export class Board {
  readonly #resources = new Map<string, Map<string, DeviceRow>>();
  readonly #events: BoardEvent[] = [];
  readonly #warnings: BoardEvent[] = [];
  readonly #listeners = new Set<(event: BoardEvent | undefined) => void>();
  readonly #nowMs: () => number;

  /** `nowMs` is a clock that starts anywhere. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Takes a complete list, and notes what it changes. A resource listed for the first time is one event, not one for each device. */
  list(resource: string, devices: readonly ListedDevice[]): void {
    const before = this.#resources.get(resource);
    const after = new Map(devices.map((device) => [device.id, rowOf(resource, device, before?.get(device.id))]));
    this.#resources.set(resource, after);
    const changes = before === undefined ? [] : changesOf(resource, before, after);
    if (changes.length === 0) this.note(`${resource} listed ${count(after.size, 'device')}`);
    for (const { text, isBad } of changes.slice(0, mostChangesOfOneList)) this.note(text, isBad);
    const left = changes.length - mostChangesOfOneList;
    if (left > 0) this.note(`${resource} and ${left} changes more`);
  }

  /** Forgets resources without a word: the next list is a first one again. */
  forget(resources: Iterable<string>): void {
    for (const resource of [...resources]) this.#resources.delete(resource);
    this.#tell(undefined);
  }

  /** What the plugin gives to a container with this device. */
  describe(resource: string, id: string, hostNodes: readonly string[]): void {
    this.#change(resource, id, (row) => ({ ...row, hostNodes }));
  }

  /** `owner` is a pod and container; undefined frees the device. */
  assign(resource: string, id: string, owner: string | undefined): void {
    this.#change(resource, id, (row) => ({ ...row, allocatedTo: owner }));
  }

  /** Adds an event. */
  note(text: string, isBad = false): void {
    this.#add({ atMs: this.#nowMs(), text, isBad });
  }

  /** Adds an event that the plugin warns of, which is remembered while others come and go. */
  warn(text: string): void {
    const event = { atMs: this.#nowMs(), text: `plugin: ${text}`, isBad: true };
    this.#warnings.push(event);
    if (this.#warnings.length > mostWarnings) this.#warnings.shift();
    this.#add(event);
  }

  /** Calls `listener` after each change, with the event if it is one; the result ends that. */
  subscribe(listener: (event: BoardEvent | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** All devices by resource and id, numbers in ids by their value. */
  get rows(): readonly DeviceRow[] {
    return [...this.#resources.values()].flatMap((devices) => [...devices.values()]).sort(byResourceAndId);
  }

  /** The resources that have sent a list. */
  get resources(): readonly string[] {
    return [...this.#resources.keys()];
  }

  /** The last events, oldest first. */
  get events(): readonly BoardEvent[] {
    return this.#events;
  }

  /** The last events that the plugin warned of, oldest first; they are among the events as well, unless those have gone on. */
  get warnings(): readonly BoardEvent[] {
    return this.#warnings;
  }

  #add(event: BoardEvent): void {
    this.#events.push(event);
    if (this.#events.length > mostEvents) this.#events.shift();
    this.#tell(event);
  }

  #change(resource: string, id: string, change: (row: DeviceRow) => DeviceRow): void {
    const devices = this.#resources.get(resource);
    const row = devices?.get(id);
    if (devices === undefined || row === undefined) return;
    devices.set(id, change(row));
    this.#tell(undefined);
  }

  #tell(event: BoardEvent | undefined): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** More than any terminal shows. */
const mostEvents = 200;
const mostWarnings = 5;
/** A host with a thousand loop devices must not push everything else off the screen. */
const mostChangesOfOneList = 8;

function rowOf(resource: string, device: ListedDevice, before: DeviceRow | undefined): DeviceRow {
  return { ...device, resource, hostNodes: before?.hostNodes };
}

interface Change {
  readonly text: string;
  readonly isBad: boolean;
}

function changesOf(
  resource: string,
  before: ReadonlyMap<string, DeviceRow>,
  after: ReadonlyMap<string, DeviceRow>,
): Change[] {
  const changes: Change[] = [];
  for (const [id, { health }] of after) {
    const old = before.get(id);
    const isBad = health !== 'Healthy';
    if (old === undefined) changes.push({ text: `${resource} ${id} added, ${health}`, isBad });
    else if (old.health !== health) changes.push({ text: `${resource} ${id} is ${health} now`, isBad });
  }
  for (const id of before.keys()) {
    if (!after.has(id)) changes.push({ text: `${resource} ${id} removed`, isBad: true });
  }
  return changes;
}

const collator = new Intl.Collator('en', { numeric: true });

function byResourceAndId(a: DeviceRow, b: DeviceRow): number {
  return collator.compare(a.resource, b.resource) || collator.compare(a.id, b.id);
}

/** `1 device`, `2 devices`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
