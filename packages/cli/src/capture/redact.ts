// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import type { CaptureEntry } from '@kube-device-plugins/core';
import { udevSerialNumbers } from './udev-serial-numbers.ts';

/** What is redacted. */
export type SecretKind = 'serial number' | 'MAC address' | 'UUID' | 'WWN' | 'host name';

/** A tree without what tells this machine from others. */
export interface Redacted {
  readonly entries: ReadonlyMap<string, CaptureEntry>;
  /** Does to other texts what was done to the tree. */
  readonly redactText: (text: string) => string;
  /** How many values were replaced, be it in one place or in many. */
  readonly counts: () => ReadonlyMap<SecretKind, number>;
}

/**
 * Replaces serial numbers, MAC addresses, UUIDs, WWNs and the name of the host in all texts, names and symlinks. A value has the same
 * replacement everywhere, so that what belongs together still does; its form stays, so that whoever reads it still can.
 *
 * A serial number is what a file named after one has, what flags ask for as `serial`, and what the names of udev end with in `by-id`,
 * `by-uuid` and `by-partuuid`. It is found in other places when it has six characters and more. Values of zeroes stay: they say that there is none.
 *
 * @param hostNames - of the machine, with or without its domain.
 * @param texts - what is to be redacted besides, flags and paths that are not there: a device that is missing has its serial number in these alone.
 */
export function redact(
  entries: ReadonlyMap<string, CaptureEntry>,
  hostNames: readonly string[],
  texts: readonly string[] = [],
): Redacted {
  const serials = new Set([...serialNumbers(entries), ...texts.flatMap(serialNumbersInText)]);
  const redactor = new Redactor([...serials], hostNames);
  const redactText = (text: string): string =>
    redactor.text(text.replace(askedSerial, (_, before: string, value: string) => before + redactor.secret(value)));
  const redacted = new Map<string, CaptureEntry>();
  for (const [path, entry] of entries) redacted.set(redactor.text(path), redactEntry(path, entry, redactor));
  return { entries: redacted, redactText, counts: () => redactor.counts() };
}

function serialNumbers(entries: ReadonlyMap<string, CaptureEntry>): ReadonlySet<string> {
  const serials = new Set<string>();
  for (const [path, entry] of entries) {
    const text = entry.kind === 'file' && isSecretFile(path) ? entry.text.trim() : '';
    if (text.length >= minSerialLength && !text.includes('\n')) serials.add(text);
    for (const each of udevSerialNumbers(path)) serials.add(each);
  }
  return serials;
}

function serialNumbersInText(text: string): readonly string[] {
  const asked = [...text.matchAll(askedSerial)].map(([, , value = '']) => value);
  return [...asked.filter((each) => each.length >= minSerialLength), ...udevSerialNumbers(text)];
}

/** In the flags of a plugin: `serial: "A502"` in YAML, and `-serial=A502`. */
const askedSerial = /(?<=\bserial['"]?)(\s*[:=]\s*['"]?)([^\s'",{}[\]]+)/gi;

function redactEntry(path: string, entry: CaptureEntry, redactor: Redactor): CaptureEntry {
  if (entry.kind === 'link') return { kind: 'link', target: redactor.text(entry.target) };
  if (entry.kind === 'directory') return entry;
  return { kind: 'file', text: isSecretFile(path) ? redactor.secret(entry.text) : redactor.text(entry.text) };
}

function isSecretFile(path: string): boolean {
  return secretFile.test(posix.basename(path));
}

/** `serial` of USB, `serial_number`, `unique_id` of a GPU, `wwid` of a disk, `node_guid` of InfiniBand, and the like. */
const secretFile = /^(?:\w+_)?(?:serial\w*|unique_id|uuid|guid|wwid|hostname)$/i;

/** A shorter one would be found in places where it means something else. */
const minSerialLength = 6;
const minHostNameLength = 4;

class Redactor {
  readonly #hostNames: ReadonlySet<string>;
  readonly #pattern: RegExp;
  readonly #numbers = new Map<SecretKind, Map<string, number>>();

  constructor(serials: readonly string[], hostNames: readonly string[]) {
    const hosts = hostNames.flatMap((name) => [name, name.replace(/\..*/, '')]).map((name) => name.toLowerCase());
    this.#hostNames = new Set(hosts.filter((name) => name.length >= minHostNameLength));
    // The longest first, for one may begin as another does.
    const known = [serials, [...this.#hostNames]].flatMap((each) => each.toSorted((a, b) => b.length - a.length));
    const words = known.map((each) => `${noWord}${RegExp.escape(each)}${wordEnd}`);
    this.#pattern = new RegExp([...Object.values(forms), ...words].join('|'), 'gi');
  }

  text(text: string): string {
    return text.replace(this.#pattern, (found) => this.#replacement(found));
  }

  /** What is nothing but a secret. */
  secret(text: string): string {
    const value = text.trim();
    const changed = this.text(value);
    return text.replace(value, () =>
      changed === value ? this.#numbered('serial number', value, 'redacted') : changed,
    );
  }

  counts(): ReadonlyMap<SecretKind, number> {
    return new Map([...this.#numbers].map(([kind, values]) => [kind, values.size]));
  }

  #replacement(found: string): string {
    const kind = (['UUID', 'MAC address', 'WWN'] as const).find((form) => isForm(form, found));
    if (kind !== undefined) return this.#sameForm(kind, found);
    if (this.#hostNames.has(found.toLowerCase())) return this.#numbered('host name', found, 'host');
    return this.#numbered('serial number', found, 'redacted');
  }

  /** The number of the value in the place of its last digits, and zeroes in that of the others. */
  #sameForm(kind: 'UUID' | 'MAC address' | 'WWN', found: string): string {
    const [, prefix = '', body = ''] = /^(enx|wwn-0x|naa\.|eui\.)?(.*)$/i.exec(found) ?? [];
    const digits = body.replace(/[^0-9a-f]/gi, '').toLowerCase();
    if (/^0*$/.test(digits)) return found;
    const number = this.#number(kind, digits).toString(16).padStart(digits.length, '0').slice(-digits.length);
    let next = 0;
    return prefix + body.replace(/[0-9a-f]/gi, () => number[next++] ?? '0');
  }

  #numbered(kind: SecretKind, value: string, word: string): string {
    return /^0*$/.test(value) ? value : `${word}${this.#number(kind, value.toLowerCase())}`;
  }

  #number(kind: SecretKind, value: string): number {
    const numbers = this.#numbers.get(kind) ?? new Map<string, number>();
    this.#numbers.set(kind, numbers);
    const number = numbers.get(value) ?? numbers.size + 1;
    numbers.set(value, number);
    return number;
  }
}

const [noWord, wordEnd] = ['(?<![A-Za-z0-9])', '(?![A-Za-z0-9])'];

/** Of InfiniBand, a MAC address has eight or twenty bytes. */
const forms = {
  UUID: `${noWord}[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}${wordEnd}`,
  'MAC address': `(?<![0-9a-z:])[0-9a-f]{2}(?::[0-9a-f]{2}){5,19}(?![0-9a-z:])|${noWord}enx[0-9a-f]{12}${wordEnd}`,
  WWN: `${noWord}(?:wwn-0x|naa\\.|eui\\.)[0-9a-f]{16,32}${wordEnd}`,
} as const;

function isForm(form: keyof typeof forms, text: string): boolean {
  return new RegExp(`^(?:${forms[form]})$`, 'i').test(text);
}
