// SPDX-License-Identifier: Apache-2.0
import type { Measured } from './invariants/invariant.ts';
import type { Violation } from './invariants/watch.ts';

/** What a run has found. Times are milliseconds since it began. */
export interface Outcome {
  /** `simple-plugin` */
  readonly plugin: string;
  readonly seed: number;
  readonly tookMs: number;
  readonly rounds: number;
  readonly isInterrupted: boolean;
  readonly violation: Violation | undefined;
  /** Kind of action → how often it was done. */
  readonly actions: Readonly<Record<string, number>>;
  readonly pods: { readonly admitted: number; readonly refused: Readonly<Record<string, number>> };
  /** Kind of fault → how long each took until the kubelet showed again what there is; 'several at once' for those that came together. */
  readonly recoveriesMs: Readonly<Record<string, readonly number[]>>;
  readonly measured: readonly Measured[];
  /** Invariant → how often it was found to hold. */
  readonly checks: Readonly<Record<string, number>>;
  /** The last of what was done, oldest first. */
  readonly log: readonly { readonly atMs: number; readonly action: string }[];
  /** The end of the plugin's log. */
  readonly lastLines: readonly string[];
  /** What the full disk is made of, where the plugin writes CDI specs. */
  readonly cdiDisk: string | undefined;
}
