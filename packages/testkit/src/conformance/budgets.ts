// SPDX-License-Identifier: Apache-2.0

/** How long things may take, in milliseconds. */
export interface Budgets {
  /** From a start, or the event that calls for it, to a registration with a list. */
  readonly registerMs: number;
  /** From opening ListAndWatch to its first list. */
  readonly firstListMs: number;
  /** From a change of a device to the list that shows it: the plugin's probe or scan interval, and one second. */
  readonly changeMs: number;
  /** From SIGTERM to the exit of an idle plugin. */
  readonly exitMs: number;
  /** How long calls in flight, and readers that have stopped, may delay the exit. */
  readonly graceMs: number;
  /** How long nothing must happen where nothing should. 60 000 is what the list of clauses means. */
  readonly idleMs: number;
  /** The plugin's own deadline for Register lies in between; kubelets take up to 10 s. */
  readonly registerDeadlineMs: { readonly min: number; readonly max: number };
  /** When to register again if the kubelet has opened no stream by then. */
  readonly unwatchedMs: number;
  /** How long streams are cut over and over. */
  readonly stormMs: number;
  /** Until a call is answered that does no work. */
  readonly callMs: number;
  /** Until 99 of 100 calls of Allocate are answered, one after another. */
  readonly allocateMs: number;
  /** Until GetPreferredAllocation is answered for 1,000 available devices. */
  readonly preferMs: number;
  /** How long a device fails and recovers ten times a second. */
  readonly flapMs: number;
  /** Processor time for each of a thousand changes in a row: less than a scan for each of them would take. */
  readonly changeCpuMs: number;
  /** How long one of 10,000 devices changes each second. 600 000 is what the list of clauses means. */
  readonly churnMs: number;
  /** Between the pings that a client sends. */
  readonly pingMs: number;
  /** PreStartContainer; kubelets wait 30 s. */
  readonly preStartMs: number;
  /** How long a clause may take in all, beside what it watches the plugin for. */
  readonly clauseMs: number;
}

/** The figures of the clauses; the idle time is shorter, and longer than the 5 s after which many plugins look at their devices. */
export const defaultBudgets: Budgets = {
  registerMs: 5_000,
  firstListMs: 1_000,
  changeMs: 6_000,
  exitMs: 5_000,
  graceMs: 15_000,
  idleMs: 7_000,
  registerDeadlineMs: { min: 10_000, max: 60_000 },
  unwatchedMs: 60_000,
  stormMs: 10_000,
  callMs: 5_000,
  allocateMs: 100,
  preferMs: 100,
  flapMs: 5_000,
  changeCpuMs: 3,
  churnMs: 20_000,
  pingMs: 10_000,
  preStartMs: 30_000,
  clauseMs: 120_000,
};
