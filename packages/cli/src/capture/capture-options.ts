// SPDX-License-Identifier: Apache-2.0

/** What the command line of `kdp capture` says. */
export interface CaptureOptions {
  readonly prefix?: string;
  /** File to write; standard output without it. */
  readonly output?: string;
  readonly redact?: boolean;
  readonly timeoutMs: number;
}
