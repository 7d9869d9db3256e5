// SPDX-License-Identifier: Apache-2.0
import type { Defect } from './broken-plugin/defects.ts';

/** What a defect does beside failing its own clause. */
interface DefectRow {
  /** Of the plugin: without them there is nothing for the defect to spoil. */
  readonly args?: readonly string[];
  /** Other clauses that fail by right. */
  readonly alsoFails?: readonly string[];
  /** Clauses that fail by right if things happen in a certain order. */
  readonly mayFail?: readonly string[];
}

const prefers = { args: ['--prefers'] };
const prepares = { args: ['--prepares'] };
const cdi = { args: ['--cdi', '{cdi}'] };

/** Defects with more to be said of than that their own clause fails. */
export const defectRows: Partial<Record<Defect, DefectRow>> = {
  'AL-16-no-spec': cdi,
  'AL-17-ignored': cdi,
  'PA-01-must': { ...prefers, alsoFails: ['PA-02'] },
  'PA-02-more': prefers,
  'PA-03-less': prefers,
  'PA-09-first': prefers,
  'PS-01-once': prepares,
  'PS-02-hang': prepares,
  'PS-03-any': prepares,
};
