// SPDX-License-Identifier: Apache-2.0
import type { HealthOptions } from '../options/health-options.ts';
import type { GpuCard } from '../sysfs/gpu-card.ts';
import type { HealthReading, HealthReadings } from '../sysfs/health-source.ts';
import type { CardHealth } from './card-device.ts';

/** How many readings it takes, and what is done without them. */
export type HealthRules = Pick<HealthOptions, 'badReadings' | 'goodReadings' | 'away'>;

/**
 * Makes the health of cards out of one reading in each scan, so that a card that wavers does not change with every scan.
 *
 * - The first good or bad reading of a card decides at once: a card that is broken when the plugin starts is never offered.
 * - From then on `badReadings` bad ones in a row make it unhealthy, and `goodReadings` good ones healthy again.
 * - No reading, or one that says that the card is not known, changes and counts nothing: it does not end a row either.
 * - Nor does a source that is away with the policy `keep`, as upstream; a card of which nothing was ever known is healthy. With the policy
 *   `unhealthy` each such reading counts as a bad one.
 * - A card that is gone is forgotten, and so is one that is now at another PCI address.
 */
export class HealthJudge {
  readonly #rules: HealthRules;
  #records: ReadonlyMap<string, CardRecord> = new Map();

  constructor(rules: HealthRules) {
    this.#rules = rules;
  }

  /** The health of each of `cards`, by its name. */
  judge(readings: HealthReadings, cards: readonly GpuCard[]): ReadonlyMap<string, CardHealth> {
    this.#records = new Map(
      cards.map(({ name, bdf }) => {
        const known = this.#records.get(name);
        const record = known?.bdf === bdf ? known : undefined;
        return [name, nextRecord(record ?? { ...newRecord, bdf }, readings.get(name) ?? unknown, this.#rules)];
      }),
    );
    return new Map([...this.#records].map(([name, { judged }]) => [name, judged]));
  }
}

interface CardRecord {
  readonly bdf: string | undefined;
  readonly judged: CardHealth;
  /** Whether a good or a bad reading has ever come. */
  readonly isKnown: boolean;
  /** Readings in a row that speak against `judged`. */
  readonly against: number;
}

const healthy: CardHealth = { health: 'Healthy' };
const newRecord = { judged: healthy, isKnown: false, against: 0 };
const unknown: HealthReading = { state: 'unknown' };

function nextRecord(record: CardRecord, reading: HealthReading, rules: HealthRules): CardRecord {
  switch (reading.state) {
    case 'good':
      return afterGood(record, rules.goodReadings);
    case 'bad':
      return { ...afterBad(record, reading.reason, record.isKnown ? rules.badReadings : 1), isKnown: true };
    case 'away':
      return rules.away === 'unhealthy' ? afterAway(record, reading.reason, rules.badReadings) : record;
    case 'unknown':
      return record;
  }
}

function afterGood(record: CardRecord, needed: number): CardRecord {
  if (record.judged.health === 'Healthy') return { ...record, isKnown: true, against: 0 };
  const against = record.against + 1;
  if (record.isKnown && against < needed) return { ...record, against };
  return { ...record, judged: healthy, isKnown: true, against: 0 };
}

function afterBad(record: CardRecord, reason: string, needed: number): CardRecord {
  const against = record.against + 1;
  if (record.judged.health === 'Healthy' && against < needed) return { ...record, against };
  const isSame = record.judged.healthReason === reason;
  return { ...record, judged: isSame ? record.judged : { health: 'Unhealthy', healthReason: reason }, against: 0 };
}

/** Of a card that is unhealthy already, what is wrong with it says more than that nobody can tell. */
function afterAway(record: CardRecord, reason: string, needed: number): CardRecord {
  return record.judged.health === 'Unhealthy' ? { ...record, against: 0 } : afterBad(record, reason, needed);
}
