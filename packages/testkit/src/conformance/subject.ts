// SPDX-License-Identifier: Apache-2.0

/** Where one run of a plugin lives; each is a path that `{dir}` and so on stand for in its command. */
export interface Place {
  /** The device plugin directory with kubelet.sock. */
  readonly dir: string;
  /** Directory for CDI specs. */
  readonly cdi: string;
  /** Directory that stands for the root of the host; empty at first. */
  readonly prefix: string;
  /** A file for the plugin's inventory or configuration; not there at first. */
  readonly inventory: string;
  /** The kubelet's socket that tells which pod has which device; nobody listens unless the command or a variable names it. */
  readonly podresources: string;
  /** The directory of the kubelet's plugin watcher, for {@link ConformanceSubject.watcherCommand}. */
  readonly registry: string;
  /** A free TCP port for metrics and health; 0 in clauses that do not ask there. */
  readonly port: string;
}

/**
 * Changes the devices of a plugin, as an administrator or the hardware would. Clauses that need one that is missing are skipped.
 * Each resolves as soon as the change is made; that the plugin notices is what the clause is about.
 */
export interface InventoryHooks {
  /** Before each start: makes an inventory of at least three healthy devices. Leave it out when the command alone has them. */
  readonly prepare?: (place: Place) => Promise<void>;
  /** Instead of `prepare`: an inventory of so many devices. */
  readonly populate?: (place: Place, count: number) => Promise<void>;
  /** Instead of `prepare`: more devices than fit into the 4 MiB that a kubelet takes. */
  readonly overfill?: (place: Place) => Promise<void>;
  /** Plugs the device in again that was listed under this id; without an id, one that was not there before. */
  readonly add?: (place: Place, id: string | undefined) => Promise<void>;
  readonly remove?: (place: Place, id: string) => Promise<void>;
  readonly fail?: (place: Place, id: string) => Promise<void>;
  readonly recover?: (place: Place, id: string) => Promise<void>;
  /** Makes the probe of this device fail by itself: an error instead of a finding. */
  readonly breakProbe?: (place: Place, id: string) => Promise<void>;
  /** Makes the whole source of devices unreadable. */
  readonly breakScan?: (place: Place) => Promise<void>;
  /** Makes the probe of this device never end. */
  readonly hangProbe?: (place: Place, id: string) => Promise<void>;
  /** Instead of `prepare`: an inventory without devices. */
  readonly empty?: (place: Place) => Promise<void>;
  /** Adds a device of a resource that the plugin does not have so far. */
  readonly addResource?: (place: Place) => Promise<void>;
  /** Adds devices whose names on the host are no ids: too long, or not ASCII. */
  readonly addOdd?: (place: Place) => Promise<void>;
  /** Sets the clock of the plugin so many seconds forward, or back. */
  readonly shiftClock?: (place: Place, seconds: number) => Promise<void>;
}

/** What is examined: any plugin that can be started by a command. */
export interface ConformanceSubject {
  /** File and arguments; `{dir}`, `{cdi}` and so on are replaced, see {@link Place}. */
  readonly command: readonly [string, ...string[]];
  /** The environment of the plugin; default that of this process. The same placeholders are replaced. */
  readonly env?: Readonly<Record<string, string>>;
  /** Full names of the resources that the plugin registers. Most clauses go by the first. */
  readonly resources: readonly [string, ...string[]];
  readonly hooks?: InventoryHooks;
  /** A command with a mistake in its configuration that the plugin cannot run with. */
  readonly fatalCommand?: readonly [string, ...string[]];
  /** Of its own HTTP server at `{port}`. Default `/readyz` and `/metrics`. */
  readonly paths?: { readonly ready?: string; readonly metrics?: string };
  /** A command whose configuration names a resource as no kubelet takes it. */
  readonly badNameCommand?: readonly [string, ...string[]];
  /** A command that has the plugin wait in `{registry}` for the kubelet's plugin watcher, and not call Register. */
  readonly watcherCommand?: readonly [string, ...string[]];
}

/** Whether the command or a variable has this placeholder. */
export function isGiven(name: keyof Place, { command, env = {} }: ConformanceSubject): boolean {
  return [...command, ...Object.values(env)].some((word) => word.includes(`{${name}}`));
}

/** The command for a place. */
export function commandAt(command: readonly string[], place: Place): string[] {
  return command.map((word) => placed(word, place));
}

/** The environment for a place; undefined stands for that of this process. */
export function envAt(env: ConformanceSubject['env'], place: Place): Record<string, string> | undefined {
  if (env === undefined) return undefined;
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, placed(value, place)]));
}

function placed(text: string, place: Place): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in place ? place[name as keyof Place] : whole));
}
