// SPDX-License-Identifier: Apache-2.0
import type { CallSite } from './call-site.ts';
import type { KlogSettings } from './klog-settings.ts';
import type { Severity } from './severity.ts';

/** The data of a line. `undefined` counts as absent; `error` may hold anything thrown. */
export type LogFields = Readonly<Record<string, unknown>>;

/** All there is to know about one line. */
export interface LogRecord {
  readonly severity: Severity;
  /** n of `log.v(n)`, 0 without. */
  readonly verbosity: number;
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  readonly site: CallSite;
  readonly message: string;
  readonly fields: LogFields;
}

/** Turns a record into its text, line ends included. Never throws. */
export type LineFormat = (record: LogRecord) => string;

/** What a format is told about the process. */
export interface LineFormatOptions {
  readonly klog: KlogSettings;
  /** Name of the program. */
  readonly name: string;
  readonly pid: number;
}

/** A kind of line, e.g. {@link klogLines}. */
export type CreateLineFormat = (options: LineFormatOptions) => LineFormat;
