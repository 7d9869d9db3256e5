// SPDX-License-Identifier: Apache-2.0

/** Keys and list indexes from the top of a configuration down to one value. */
export type ConfigPath = readonly (string | number)[];

/** One thing that is wrong with a configuration. */
export interface Problem {
  readonly path: ConfigPath;
  /** What is wrong, as the end of a sentence about the value. */
  readonly reason: string;
}

/**
 * One value of a configuration and its place in it.
 *
 * Reading never throws: what is wrong is noted and reading goes on with a stand-in, so that one run finds every problem.
 * Who has read everything looks at {@link problems} and throws the result away when there are any.
 */
export class ConfigValue {
  readonly value: unknown;
  readonly path: ConfigPath;
  readonly #problems: Problem[];

  constructor(value: unknown, path: ConfigPath = [], problems: Problem[] = []) {
    this.value = value;
    this.path = path;
    this.#problems = problems;
  }

  /** All that was found wrong so far, with this value and with every other one of the same configuration. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Notes that this value is wrong. */
  reject(reason: string): void {
    this.#problems.push({ path: this.path, reason });
  }

  /** Nothing stands here: YAML reads a key without a value as null. */
  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** True for a mapping, whose keys beyond `known` are rejected; anything else is rejected itself. */
  isMapping(known: readonly string[]): boolean {
    if (!isRecord(this.value)) {
      this.reject(`has to be a mapping with the keys ${known.join(', ')}`);
      return false;
    }
    for (const key of Object.keys(this.value)) {
      if (!known.includes(key)) this.at(key).reject(`is not a key that is known here; these are: ${known.join(', ')}`);
    }
    return true;
  }

  /** True for a mapping that has this key, whatever its value. */
  has(key: string): boolean {
    return isRecord(this.value) && Object.hasOwn(this.value, key);
  }

  /** The value of a key; an absent one where there is no such key. */
  at(key: string): ConfigValue {
    const value = isRecord(this.value) && this.has(key) ? this.value[key] : undefined;
    return new ConfigValue(value, [...this.path, key], this.#problems);
  }

  /** The items of a list with at least one; anything else is rejected. */
  items(): readonly ConfigValue[] {
    if (!Array.isArray(this.value) || this.value.length === 0) {
      this.reject('has to be a list with at least one item');
      return [];
    }
    return this.value.map((item: unknown, index) => new ConfigValue(item, [...this.path, index], this.#problems));
  }

  /** Text that `problemOf` finds nothing wrong with. Without a `fallback` it has to be there. */
  text(problemOf: (text: string) => string | undefined, fallback?: string): string {
    if (this.isAbsent && fallback !== undefined) return fallback;
    if (typeof this.value !== 'string') {
      this.reject(this.isAbsent ? 'is missing' : 'has to be text; put it in quotes');
      return fallback ?? '';
    }
    const reason = controlCharacters.test(this.value) ? 'has a control character' : problemOf(this.value);
    if (reason !== undefined) this.reject(`${quoted(this.value)} ${reason}`);
    return this.value;
  }

  /** A whole number from 0 to `max`. */
  count(max: number, fallback: number): number {
    if (this.isAbsent) return fallback;
    if (Number.isInteger(this.value) && Number(this.value) >= 0 && Number(this.value) <= max) return Number(this.value);
    this.reject(`has to be a whole number from 0 to ${max}`);
    return fallback;
  }

  /** One of a few words. */
  choice<const T extends string>(words: readonly T[], fallback: T): T {
    if (this.isAbsent) return fallback;
    const word = words.find((known) => known === this.value);
    if (word === undefined) this.reject(`has to be one of ${words.join(', ')}`);
    return word ?? fallback;
  }
}

/** Rejects each text that an earlier one equals. */
export function rejectRepeats(values: Iterable<ConfigValue>): void {
  const first = new Map<string, ConfigValue>();
  for (const value of values) {
    if (typeof value.value !== 'string') continue;
    const earlier = first.get(value.value);
    if (earlier === undefined) first.set(value.value, value);
    else value.reject(`${quoted(value.value)} is already at ${keyOf(earlier.path)}`);
  }
}

/** A path the way people write it: `resources[0].devices[1].path`. */
export function keyOf(path: ConfigPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${printable(step)}`))
    .join('')
    .replace(/^\./, '');
}

// eslint-disable-next-line no-control-regex -- they are what is looked for
const controlCharacters = /[\u0000-\u001f\u007f]/;

/** Long enough for every sound value; what is longer would fill the log. */
const maxShownCharacters = 80;

function quoted(value: string): string {
  const text = JSON.stringify(value);
  return text.length <= maxShownCharacters ? text : `${text.slice(0, maxShownCharacters)}…`;
}

function printable(key: string): string {
  return /^[\w-]{1,80}$/.test(key) ? key : quoted(key);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
