// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, messageOf } from '@kube-device-plugins/core';
import {
  ClauseFailure,
  type ClauseResult,
  conformance,
  examinationsOf,
  reasons,
  selectClauses,
} from '@kube-device-plugins/testkit';
import type { CliContext } from '../cli-context.ts';
import { printable } from '../printable.ts';
import { type ConformanceFlags, optionsOf, subjectOf } from './conformance-flags.ts';
import { jsonReport } from './json-report.ts';
import { junitReport } from './junit-report.ts';
import { referencePage } from './reference-page.ts';
import { interrupted, isFailure } from './report.ts';
import { readSubject } from './subject-file.ts';
import { clauseText, header, resultText, summaryText } from './text-report.ts';

/**
 * Does what `kdp conformance` was asked for.
 *
 * @returns the exit code: 0 nothing failed; 1 a clause failed, the plugin does not even run, or the run was interrupted; 2 the subject
 * file is wrong.
 * @throws DevicePluginError `FLAG_INVALID` for what is wrong with the flags, and for a command that cannot be started.
 */
export async function runConformance(
  command: readonly string[],
  flags: ConformanceFlags,
  context: CliContext,
): Promise<number> {
  const { print } = context;
  if (flags.reference === true) {
    print(referencePage());
    return 0;
  }
  const isExplained = flags.explain !== undefined;
  if (isExplained || flags.list === true) {
    const selected = selectClauses(optionsOf(flags));
    print(selected.map((clause) => clauseText(clause, isExplained ? reasons[clause.id] : undefined)).join(''));
    return 0;
  }
  try {
    return await examine(command, flags, context);
  } catch (error) {
    const isSubjectWrong = error instanceof DevicePluginError && error.code === 'CONFIG_INVALID';
    if (!isSubjectWrong && !(error instanceof ClauseFailure)) throw error;
    const problem = messageOf(error);
    context.printError(`${printable(problem)}\n`);
    if (isSubjectWrong) return 2;
    // Whoever reads the results finds out from them as well.
    const { format, strict } = flags;
    if (format !== 'text') print(reports[format]([], { isStrict: strict === true, unexamined: 0, problem }));
    return 1;
  }
}

const reports = { junit: junitReport, json: jsonReport };

async function examine(command: readonly string[], flags: ConformanceFlags, context: CliContext): Promise<number> {
  const { env, print, printError, signal } = context;
  const { subject: path, format } = flags;
  const isStrict = flags.strict === true;
  const options = optionsOf(flags);
  const file = path === undefined ? {} : await readSubject(path);
  const subject = subjectOf(command, flags, file, env);
  let isFirst = true;
  const results = await conformance(subject, {
    ...options,
    budgets: { ...file.budgets, ...options.budgets },
    signal,
    ...(format === 'text' && {
      onResult: (result: ClauseResult) => {
        print(`${isFirst ? header : ''}${resultText(result, isStrict)}`);
        isFirst = false;
      },
    }),
  });
  const unexamined = examinationsOf(options).length - results.length;
  print(format === 'text' ? summaryText(results, isStrict) : reports[format](results, { isStrict, unexamined }));
  if (unexamined > 0) printError(`${interrupted(unexamined)}\n`);
  return unexamined > 0 || results.some((result) => isFailure(result, isStrict)) ? 1 : 0;
}
