// SPDX-License-Identifier: Apache-2.0
import type { ConformanceOptions } from './conformance.ts';
import type { ConformanceSubject } from './subject.ts';

/** A plugin in one of its configurations, and the clauses that it is examined for in it. */
export interface ConformanceRun {
  readonly subject: ConformanceSubject;
  readonly options: Pick<ConformanceOptions, 'only' | 'skip' | 'budgets'>;
}
