// SPDX-License-Identifier: Apache-2.0

/** What became of one item of the checklist. Only one that failed makes the whole fail. */
export type Outcome = 'passed' | 'failed' | 'not checked' | 'open';

/** One row of the table. */
export interface Finding {
  readonly outcome: Outcome;
  /** What was found, or what to do. */
  readonly detail: string;
}

/** One item: its number in the checklist, what it demands, and how that is found out. */
export interface Item {
  readonly number: number;
  /** For `--skip`. */
  readonly name: string;
  readonly demand: string;
  check(workplace: Workplace): Promise<Finding> | Finding;
}

/** Where a plugin is checked. */
export interface Workplace {
  /** Of the repository. */
  readonly root: string;
  /** `npu-plugin`. */
  readonly plugin: string;
  /** A directory for files in between. */
  readonly scratch: string;
}

export function passed(detail: string): Finding {
  return { outcome: 'passed', detail };
}

export function failed(detail: string): Finding {
  return { outcome: 'failed', detail };
}

export function notChecked(detail: string): Finding {
  return { outcome: 'not checked', detail };
}
