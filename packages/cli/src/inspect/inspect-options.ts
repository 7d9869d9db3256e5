// SPDX-License-Identifier: Apache-2.0

/** The kinds of output of `kdp inspect`. */
export const inspectOutputs = ['table', 'wide', 'json', 'yaml'] as const;

export type InspectOutput = (typeof inspectOutputs)[number];

/** What the command line of `kdp inspect` says. */
export interface InspectOptions {
  readonly prefix?: string;
  readonly replay?: string;
  readonly output: InspectOutput;
  readonly timeoutMs: number;
}
