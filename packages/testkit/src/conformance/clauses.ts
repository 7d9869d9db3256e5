// SPDX-License-Identifier: Apache-2.0
import type { Clause } from './clause.ts';
import { startup } from './startup.ts';
import { listing } from './listing.ts';
import { health } from './health.ts';
import { hotplug } from './hotplug.ts';
import { allocation } from './allocation.ts';
import { preferredAllocation } from './preferred-allocation.ts';
import { prestart } from './prestart.ts';
import { restart } from './restart.ts';
import { shutdown } from './shutdown.ts';
import { robustness } from './robustness.ts';

/** Every clause, in the order in which results are told. */
export const clauses: readonly Clause[] = [
  ...startup,
  ...listing,
  ...health,
  ...hotplug,
  ...allocation,
  ...preferredAllocation,
  ...prestart,
  ...restart,
  ...shutdown,
  ...robustness,
];
