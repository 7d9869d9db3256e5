// SPDX-License-Identifier: Apache-2.0
import { log } from '@kube-device-plugins/core';
import type { Remark } from '../sysfs/remark.ts';

/** Tells remarks when they are new, in one line for all that have the same message and reason, and when they no longer hold. */
export class RemarkLog {
  #told: ReadonlyMap<string, RemarkGroup> = new Map();

  tell(remarks: readonly Remark[]): void {
    const groups = grouped(remarks);
    for (const [key, { message, reason, level, subjects }] of groups) {
      const before = this.#told.get(key)?.subjects ?? [];
      if (subjects.join() === before.join()) continue;
      const [first, ...others] = subjects;
      const how = level ?? 'warn';
      if (others.length === 0) log[how](message, { subject: first, reason });
      else log[how](message, { count: subjects.length, first: subjects.slice(0, maxShown), reason });
    }
    for (const [key, { message, reason }] of this.#told) {
      if (!groups.has(key)) log.info('no longer', { what: message, reason });
    }
    this.#told = groups;
  }
}

interface RemarkGroup {
  readonly message: string;
  readonly reason: string;
  readonly level: Remark['level'];
  readonly subjects: string[];
}

const maxShown = 10;

function grouped(remarks: readonly Remark[]): ReadonlyMap<string, RemarkGroup> {
  const groups = new Map<string, RemarkGroup>();
  for (const { message, reason, level, subject } of remarks) {
    const key = `${message}\0${reason}`;
    const group = groups.get(key) ?? { message, reason, level, subjects: [] };
    group.subjects.push(subject);
    groups.set(key, group);
  }
  return groups;
}
