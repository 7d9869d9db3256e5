// SPDX-License-Identifier: Apache-2.0
import { log } from './log.ts';

/** Something that an administrator should know of what a scan found: why a device is left out, or worse than it should be. */
export interface Remark {
  /** A constant text. */
  readonly message: string;
  /** What it is about: a device, its PCI address, a file. */
  readonly subject: string;
  readonly reason: string;
  /** `info` for what is as somebody wants it, `detail` for what is told at -v 2 only. A warning, unless it is given. */
  readonly level?: 'info' | 'detail';
}

/**
 * Tells remarks when they are new and when they no longer hold, not with each scan. Subjects that have the same message and reason
 * share one line, so that a thousand devices of one driver are not a thousand lines.
 */
export class RemarkLog {
  #told: ReadonlyMap<string, RemarkGroup> = new Map();

  /** @param remarks - all that hold now. */
  tell(remarks: readonly Remark[]): void {
    if (diverted !== undefined) {
      diverted(remarks, this);
      return;
    }
    const now = grouped(remarks);
    for (const [key, { message, reason, level, subjects }] of now) {
      const fresh = subjects.difference(this.#subjects(key));
      if (fresh.size > 0) write(level, message, { ...named(fresh), reason });
    }
    const told = this.#told;
    this.#told = now;
    for (const [key, { message, reason, level, subjects }] of told) {
      const gone = subjects.difference(this.#subjects(key));
      if (gone.size > 0) write(level ?? 'info', 'no longer', { what: message, ...named(gone), reason });
    }
  }

  #subjects(key: string): ReadonlySet<string> {
    return this.#told.get(key)?.subjects ?? new Set();
  }
}

/**
 * Has `take` told all remarks of this process in the place of the log, for whoever wants them as they are and not as lines.
 * Each call is all that hold now of one {@link RemarkLog}. Returns what undoes it.
 */
export function divertRemarks(take: (remarks: readonly Remark[], teller: RemarkLog) => void): () => void {
  const before = diverted;
  diverted = take;
  return () => {
    diverted = before;
  };
}

let diverted: ((remarks: readonly Remark[], teller: RemarkLog) => void) | undefined;

interface RemarkGroup extends Pick<Remark, 'message' | 'reason'> {
  readonly level: Remark['level'];
  readonly subjects: Set<string>;
}

function grouped(remarks: readonly Remark[]): ReadonlyMap<string, RemarkGroup> {
  const groups = new Map<string, RemarkGroup>();
  for (const { message, reason, level, subject } of remarks) {
    const key = `${message}\0${reason}`;
    const group = groups.get(key) ?? { message, reason, level, subjects: new Set() };
    group.subjects.add(subject);
    groups.set(key, group);
  }
  return groups;
}

const maxShown = 10;

function named(subjects: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  const [subject] = subjects;
  return subjects.size === 1 ? { subject } : { count: subjects.size, first: [...subjects].slice(0, maxShown) };
}

function write(level: Remark['level'], message: string, fields: Readonly<Record<string, unknown>>): void {
  if (level === undefined) log.warn(message, fields);
  else if (level === 'info') log.info(message, fields);
  else log.v(2).info(message, fields);
}
