// SPDX-License-Identifier: Apache-2.0
import type { FixtureTree, HostFixture } from '@kube-device-plugins/testkit';

/** How a device is on its host. `sick`: it is there and cannot be used. */
export type SlotState = 'well' | 'sick' | 'gone';

/** A place for a device, whose name never changes. */
export interface Slot {
  /** Full name of the resource that it belongs to. */
  readonly resource: string;
  /** As the plugin lists it. */
  readonly id: string;
  /** What may become of it, 'well' among them. */
  readonly states: readonly SlotState[];
}

/** Where a plugin looks and listens. */
export interface PluginPlaces {
  /** The kubelet's plugin directory. */
  readonly plugins: string;
  readonly cdi: string;
  /** Root put before /sys and /dev. */
  readonly host: string;
  /** Directory of {@link Subject.files}. */
  readonly files: string;
}

/** A plugin, the host that it is let loose on, and what there is on it: worked out here, independently of the plugin. */
export interface Subject {
  /** `simple-plugin`, as in dist/. */
  readonly name: string;
  readonly slots: readonly Slot[];
  /** Within which a change on the host is known to a plugin that is not disturbed. */
  readonly settleMs: number;
  readonly usesCdi: boolean;
  /** Name → content of files that it is configured with. */
  readonly files: Readonly<Record<string, string>>;
  /** The host while every device is well. */
  readonly tree: FixtureTree;
  flags(places: PluginPlaces): readonly string[];
  /** Puts the device into one of the states of its slot. */
  put(host: HostFixture, slot: number, state: SlotState): Promise<void>;
  /** A directory that the scan needs. It is replaced by a link to itself, which cannot be read (ELOOP), for a while. */
  readonly scanned: string;
}

/** Flags that every plugin of the core has. */
export function commonFlags({ plugins, cdi, host }: PluginPlaces): string[] {
  return [`-device-plugin-path=${plugins}`, `-cdi-dir=${cdi}`, `-prefix=${host}`, '-metrics-bind-address=0'];
}
