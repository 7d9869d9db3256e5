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
}

/** What is examined: any plugin that can be started by a command. */
export interface ConformanceSubject {
  /** File and arguments; `{dir}`, `{cdi}`, `{prefix}` and `{inventory}` are replaced, see {@link Place}. */
  readonly command: readonly [string, ...string[]];
  /** The environment of the plugin; default that of this process. The same placeholders are replaced. */
  readonly env?: Readonly<Record<string, string>>;
  /** Full names of the resources that the plugin registers. Most clauses go by the first. */
  readonly resources: readonly [string, ...string[]];
  readonly hooks?: InventoryHooks;
  /** A command with a mistake in its configuration that the plugin cannot run with. */
  readonly fatalCommand?: readonly [string, ...string[]];
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
  return text.replace(/\{(dir|cdi|prefix|inventory)\}/g, (_, name: keyof Place) => place[name]);
}
