// SPDX-License-Identifier: Apache-2.0

/** What is to be done, in its order. */
export interface Plan {
  readonly steps: readonly Step[];
  /** What follows when these steps have shown what there is then, in words. */
  readonly later: readonly string[];
}

export type Step = WriteStep | BindStep;

/** One write to a file of sysfs, and a look at what it did. */
export interface WriteStep {
  readonly kind: 'write';
  readonly path: string;
  readonly text: string;
  /** What the file has to say afterwards: the same, the same services in any order, or a number that is not smaller. */
  readonly proof: 'same' | 'services' | 'at-least';
  readonly reason: string;
  /** What to look at when the kernel refuses. */
  readonly hint: string;
}

/** A virtual function that gets another driver. */
export interface BindStep {
  readonly kind: 'bind';
  readonly bdf: string;
  readonly driver: string;
  readonly from: string | undefined;
}

/** The step in words, for people. */
export function describeStep(step: Step): string {
  if (step.kind === 'write') return `write ${JSON.stringify(step.text)} to ${step.path}: ${step.reason}`;
  return `bind ${step.bdf} to ${step.driver}: ${step.from === undefined ? 'no driver has it' : `${step.from} has it`}`;
}
