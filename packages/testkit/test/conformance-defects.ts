// SPDX-License-Identifier: Apache-2.0
import type { Budgets } from '../src/index.ts';
import type { Defect } from './broken-plugin/defects.ts';

/** What a defect does beside failing its own clause. */
interface DefectRow {
  /** Of the plugin: without them there is nothing for the defect to spoil. */
  readonly args?: readonly string[];
  /** Where those of the tests would hide it. */
  readonly budgets?: Partial<Budgets>;
  /** Other clauses that fail by right. */
  readonly alsoFails?: readonly string[];
  /** Clauses that fail by right if things happen in a certain order. */
  readonly mayFail?: readonly string[];
}

const prefers = { args: ['--prefers'] };
const prepares = { args: ['--prepares'] };
const cdi = { args: ['--cdi', '{cdi}'] };

/** Clauses that ask for the same device more than once. */
const askTwice = 'RB-16 AL-02 AL-03 AL-07 AL-08 AL-10 AL-12 AL-13 AL-14 AL-18 AL-19 AL-20 RS-20'.split(' ');
/** Clauses with a second registration of the same process. */
const comeBack =
  'RS-02 RS-03 RS-04 RS-05 RS-06 RS-07 RS-08 RS-09 RS-10 RS-11 RS-17 RS-18 RS-20 RS-21 HE-06 ST-15 RB-13 RB-15'.split(
    ' ',
  );
/** Clauses with streams beside that of the kubelet. */
const watch =
  'LI-01 LI-02 LI-03 LI-05 LI-06 LI-07 LI-09 HE-04 HE-05 HE-06 RS-13 RS-14 RS-15 RS-16 RS-17 AL-13 RB-07 RB-08 RB-09 SD-03'.split(
    ' ',
  );
/** Clauses in which devices change. */
const change = (
  'HE-01 HE-02 HE-03 HE-04 HE-05 HE-06 HE-07 HE-08 HP-01 HP-02 HP-03 HP-04 HP-05 HP-06 HP-07 HP-08 ' +
  'LI-11 AL-05 AL-11 RS-13 RS-14 RS-16 RB-14'
).split(' ');
/** Clauses with two instances at a time, of which those with fixed names of sockets cannot be. */
const succeed = ['RS-18', 'RS-19', 'ST-08'];

/** Defects with more to be said of than that their own clause fails. */
export const defectRows: Partial<Record<Defect, DefectRow>> = {
  'ST-01-register-first': { mayFail: ['ST-02', 'ST-11', 'ST-12', ...succeed] },
  'ST-02-deadlock': { alsoFails: ['ST-01'], mayFail: ['ST-11'] },
  'ST-05-truncated': { alsoFails: ['ST-06', 'SD-07'], mayFail: ['ST-07', 'SD-05', ...succeed] },
  'ST-06-stale': { alsoFails: ['SD-07'], mayFail: succeed },
  'ST-07-remove-all': { mayFail: ['SD-05', ...succeed] },
  'ST-09-exit': { alsoFails: ['SD-06'] },
  'LI-01-late': { mayFail: watch },
  'LI-03-deltas': { mayFail: change },
  'LI-02-space': { alsoFails: ['LI-11'] },
  'LI-08-heartbeat': { mayFail: ['SD-08', 'LI-09', 'LI-10', 'HE-03', 'HP-06', 'RB-14'] },
  'LI-09-parts': { mayFail: ['RB-14'] },
  'HE-02-one-way': { alsoFails: ['HE-04', 'RS-13', 'RS-16'], mayFail: ['RB-14'] },
  'HP-01-known': { mayFail: ['LI-11', 'ST-16'] },
  'HP-02-keep': { alsoFails: ['HP-03', 'HP-04', 'HP-05', 'AL-11'], mayFail: ['HP-06'] },
  'HP-04-not-empty': { mayFail: ['ST-16'] },
  // Its devices that are to vanish are Unhealthy first.
  'AL-05-given': { mayFail: ['AL-11'] },
  'AL-06-once': { mayFail: askTwice },
  'AL-10-order': { alsoFails: ['AL-07'] },
  'AL-14-stuck': { mayFail: ['AL-12', 'RS-20'] },
  'AL-16-no-spec': { ...cdi, mayFail: ['RB-12'] },
  'AL-17-ignored': { ...cdi, mayFail: ['RB-12'] },
  'PA-01-must': { ...prefers, alsoFails: ['PA-02'], mayFail: ['PA-07'] },
  'PA-02-more': prefers,
  'PA-03-less': prefers,
  'PA-09-first': prefers,
  'PS-01-once': { ...prepares, mayFail: ['PS-02'] },
  'PS-02-hang': prepares,
  'PS-03-any': prepares,
  'RS-01-once': { alsoFails: ['RS-03', 'RS-09', 'RS-10'], mayFail: comeBack },
  'RS-02-spin': { mayFail: ['RS-11', 'ST-12', ...succeed] },
  'RS-03-own': { alsoFails: ['RS-17'], mayFail: ['RS-21'] },
  'RS-05-inode': { mayFail: ['RS-01', 'RS-06', 'RS-21', 'RB-13'] },
  'RS-06-absence': { mayFail: ['RS-01', 'RB-15', ...comeBack] },
  'RS-07-left-over': { mayFail: ['SD-01', ...succeed] },
  'RS-09-cancel': { alsoFails: ['RS-11', 'HE-06'], mayFail: succeed },
  'RS-10-reset': { alsoFails: ['RB-15'] },
  'RS-11-storm': { mayFail: ['RS-02', ...succeed] },
  'RS-12-any': { mayFail: watch },
  'RS-15-leak': { alsoFails: ['RB-07'] },
  'RS-16-in-turn': { mayFail: ['HE-04'] },
  'RS-17-late': { mayFail: succeed },
  'ST-08-theft': { mayFail: ['SD-05', ...succeed] },
  'LI-04-new-ids': { alsoFails: ['HE-05', 'LI-11'], mayFail: change },
  'LI-07-shuffled': { mayFail: ['LI-04', 'LI-11', 'HP-05'] },
  'LI-11-raw': { mayFail: ['LI-02'] },
  'HE-03-hasty': { alsoFails: ['HP-06'] },
  'HP-06-busy': { mayFail: change },
  'AL-12-slow': { budgets: { allocateMs: 100 } },
  'PA-04-internal': prefers,
  'PA-05-strict': prefers,
  'PA-07-order': prefers,
  'PA-08-search': prefers,
  'RS-18-deaf': { mayFail: ['RS-19'] },
  'RS-19-dip': { mayFail: ['ST-08', 'RS-18'] },
  'RB-12-exit': cdi,
  'SD-08-empty': { mayFail: succeed },
  'RS-20-crash': { alsoFails: ['AL-14'], mayFail: ['AL-12'] },
};
