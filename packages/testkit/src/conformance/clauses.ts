// SPDX-License-Identifier: Apache-2.0
import type { Clause } from './clause.ts';
import { startup } from './startup.ts';
import { listing } from './listing.ts';
import { endurance } from './endurance.ts';
import { health } from './health.ts';
import { healthUnderStress } from './health-under-stress.ts';
import { hotplugAtLarge } from './hotplug-at-large.ts';
import { listedContent } from './listed-content.ts';
import { operation } from './operation.ts';
import { fullDisk, withoutInotify } from './scarce-resources.ts';
import { startConditions } from './start-conditions.ts';
import { hotplug } from './hotplug.ts';
import { allocation } from './allocation.ts';
import { preferredAllocation } from './preferred-allocation.ts';
import { prestart } from './prestart.ts';
import { restart } from './restart.ts';
import { shutdown } from './shutdown.ts';
import { robustness } from './robustness.ts';

/** Every clause by groups, in the order in which results are told. */
const groups: readonly (readonly Clause[])[] = [
  [...startup, ...startConditions],
  [...listing, ...listedContent],
  [...health, ...healthUnderStress],
  [...hotplug, ...hotplugAtLarge],
  allocation,
  preferredAllocation,
  prestart,
  [...restart, ...withoutInotify],
  shutdown,
  [...robustness, ...endurance, ...fullDisk, ...operation],
];

/** Every clause, in the order in which results are told. */
export const clauses: readonly Clause[] = groups.flatMap((group) => group.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
