#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, isErrno, messageOf } from '@kube-device-plugins/core';
import { type CommandLine, parseCommandLine, subjectOf, usage } from './conformance/command-line.ts';
import { conformance, selectClauses } from './conformance/conformance.ts';
import { reasons } from './conformance/reasons.ts';
import { clauseText, interrupted, isFailure, junitReport, resultLine, summary } from './conformance/report.ts';
import { readSubject } from './conformance/subject-file.ts';

// conformance() for authors in any language.
//   exit 0  nothing failed
//   exit 1  a clause failed, or the run was interrupted
//   exit 2  wrong usage
const stop = new AbortController();
// Each time: a second Ctrl-C would leave plugins behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
process.stdout.on('error', (error) => {
  if (!isErrno(error, 'EPIPE')) throw error;
  // Nobody reads on, as in --list | head.
  stop.abort();
});
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  return error instanceof DevicePluginError ? 2 : 1;
});

async function main(args: readonly string[]): Promise<number> {
  const commandLine = parseCommandLine(args);
  const { action, options } = commandLine;
  if (action === 'examine') return await examine(commandLine);
  const reasonOf = (id: string): string | undefined => (action === 'explain' ? reasons[id] : undefined);
  const texts = selectClauses(options).map((clause) => clauseText(clause, reasonOf(clause.id)));
  process.stdout.write(action === 'help' ? usage : texts.join(''));
  return 0;
}

async function examine(commandLine: CommandLine): Promise<number> {
  const { subjectFile, options, format, isStrict } = commandLine;
  const file = subjectFile === undefined ? {} : await readSubject(subjectFile);
  const results = await conformance(subjectOf(commandLine, file, process.env), {
    ...options,
    budgets: { ...file.budgets, ...options.budgets },
    signal: stop.signal,
    ...(format === 'text' && { onResult: (result) => process.stdout.write(`${resultLine(result, isStrict)}\n`) }),
  });
  const unexamined = selectClauses(options).length - results.length;
  process.stdout.write(
    format === 'junit' ? junitReport(results, { isStrict, unexamined }) : summary(results, isStrict),
  );
  if (unexamined > 0) process.stderr.write(`${interrupted(unexamined)}\n`);
  return unexamined > 0 || results.some((result) => isFailure(result, isStrict)) ? 1 : 0;
}
