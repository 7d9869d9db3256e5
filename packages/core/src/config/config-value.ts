// SPDX-License-Identifier: Apache-2.0

/** Keys and list indexes from the top of a configuration down to one value. */
export type ConfigPath = readonly (string | number)[];

/** One thing that is wrong with a configuration. */
export interface Problem {
  readonly path: ConfigPath;
  /** What is wrong, as the end of a sentence about the value. */
  readonly reason: string;
  /** It is about the key, whatever its value. */
  readonly isOfKey: boolean;
}

/**
 * One value of a configuration and its place in it.
 *
 * Reading never throws: a schema notes what is wrong, and what is read of it is a stand-in, so that one run finds every problem.
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
    this.#problems.push({ path: this.path, reason, isOfKey: false });
  }

  /** Notes that its key is wrong, where another one may have been meant. */
  rejectKey(reason: string): void {
    this.#problems.push({ path: this.path, reason, isOfKey: true });
  }

  /** The same for a text, which is quoted before the reason. */
  rejectText(reason: string): void {
    this.reject(`${quoted(String(this.value))} ${reason}`);
  }

  /** Another value at the same place: what becomes of this one. */
  as(value: unknown): ConfigValue {
    return new ConfigValue(value, this.path, this.#problems);
  }

  /** Nothing stands here: YAML reads a key without a value as null. */
  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** The keys of a mapping; of anything else none. */
  keys(): readonly string[] {
    return isRecord(this.value) ? Object.keys(this.value) : [];
  }

  /** True for a mapping that has this key, whatever its value. */
  has(key: string): boolean {
    return isRecord(this.value) && Object.hasOwn(this.value, key);
  }

  /** The same mapping with these keys alone. */
  only(keys: readonly string[]): ConfigValue {
    const kept = this.keys().filter((key) => keys.includes(key));
    return this.as(Object.fromEntries(kept.map((key) => [key, this.at(key).value])));
  }

  /** The value of a key; an absent one where there is no such key. */
  at(key: string): ConfigValue {
    const value = isRecord(this.value) && this.has(key) ? this.value[key] : undefined;
    return new ConfigValue(value, [...this.path, key], this.#problems);
  }

  /** The items of a list; of anything else none. */
  items(): readonly ConfigValue[] {
    if (!Array.isArray(this.value)) return [];
    return this.value.map((item: unknown, index) => new ConfigValue(item, [...this.path, index], this.#problems));
  }

  /** The text, or the fallback where there is none. */
  text(fallback = ''): string {
    return typeof this.value === 'string' ? this.value : fallback;
  }

  /** The number, or the fallback where there is none. */
  number(fallback: number): number {
    return typeof this.value === 'number' ? this.value : fallback;
  }

  /** True for true; an absent value is none. */
  flag(): boolean {
    return this.value === true;
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
