// SPDX-License-Identifier: Apache-2.0
import type { CallSite } from './call-site.ts';
import { severity } from './severity.ts';
import type { VmoduleRule } from './vmodule.ts';

/** What klog's 15 flags set. Upstream: klog v2.140.0, InitFlags(). */
export interface KlogSettings {
  /** `v(n)` lines with n up to this are logged. */
  readonly v: number;
  /** Raises `v` for single source files. */
  readonly vmodule: readonly VmoduleRule[];
  /** Lines go to standard error and to no file. */
  readonly logToStderr: boolean;
  /** Lines from `alsoLogToStderrThreshold` on go to standard error as well as to files. */
  readonly alsoLogToStderr: boolean;
  readonly alsoLogToStderrThreshold: number;
  /** Lines from this severity on go to standard error as well as to files. */
  readonly stderrThreshold: number;
  /** False: `stderrThreshold` also holds while `logToStderr` is true. */
  readonly legacyStderrThresholdBehavior: boolean;
  /** Empty: the temporary directory of the system. */
  readonly logDir: string;
  /** One file in place of a file for each severity in `logDir`. */
  readonly logFile: string;
  /** Limit of `logFile` in MiB, 0 for none. */
  readonly logFileMaxSizeMiB: number;
  /** A line goes to the file of its own severity only, and not to those of the lower ones. */
  readonly oneOutput: boolean;
  /** The header names the directory of the source file too. */
  readonly addDirHeader: boolean;
  readonly skipHeaders: boolean;
  /** Files begin without the lines that describe them. */
  readonly skipLogHeaders: boolean;
  /** Lines logged here carry the stack. */
  readonly logBacktraceAt: CallSite | undefined;
}

/** klog's defaults. */
export const defaultKlogSettings: KlogSettings = {
  v: 0,
  vmodule: [],
  logToStderr: true,
  alsoLogToStderr: false,
  alsoLogToStderrThreshold: severity.info,
  stderrThreshold: severity.error,
  legacyStderrThresholdBehavior: true,
  logDir: '',
  logFile: '',
  logFileMaxSizeMiB: 1800,
  oneOutput: false,
  addDirHeader: false,
  skipHeaders: false,
  skipLogHeaders: false,
  logBacktraceAt: undefined,
};
