// SPDX-License-Identifier: Apache-2.0
import type { GpuCard } from './gpu-card.ts';

/** What a health source says of one card at one moment. */
export type HealthReading =
  | { readonly state: 'good' }
  /** `reason` is for an administrator and does not change with every reading: no temperatures, no counters. */
  | { readonly state: 'bad'; readonly reason: string }
  /** The source does not know this card, or not yet. */
  | { readonly state: 'unknown' }
  /** The source does not answer, about this card or at all; `reason` is as above. */
  | { readonly state: 'away'; readonly reason: string };

/** Readings by the name of the card; a card without one is unknown to the source. */
export type HealthReadings = ReadonlyMap<string, HealthReading>;

/** Where the health of cards comes from: a daemon on a socket, or the kernel. */
export interface HealthSource {
  /** Never rejects: what goes wrong is a reading. Bounded in time, so that a daemon that hangs does not hold up the scan. */
  read(cards: readonly GpuCard[], signal: AbortSignal): Promise<HealthReadings>;
  /** Follows a source that pushes, until `signal` aborts, and has the devices looked at again when something changes. */
  follow?(signal: AbortSignal): Promise<void>;
}
