#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { DevicePluginError, messageOf } from '@kube-device-plugins/core';
import { parseCommandLine, subjectOf, usage } from './conformance/command-line.ts';
import { conformance, selectClauses } from './conformance/conformance.ts';
import { junitReport, resultLine, summaryLine } from './conformance/report.ts';
import { parseSubject } from './conformance/subject-file.ts';

// conformance() for authors in any language.
//   exit 0  nothing failed
//   exit 1  a clause failed
//   exit 2  wrong usage
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  return error instanceof DevicePluginError ? 2 : 1;
});

async function main(args: readonly string[]): Promise<number> {
  const commandLine = parseCommandLine(args);
  const { action, subjectFile, options, format, isStrict } = commandLine;
  if (action === 'help') process.stdout.write(usage);
  if (action === 'list')
    for (const { id, level, title } of selectClauses(options))
      process.stdout.write(`${id} ${level.padEnd(6)} ${title}\n`);
  if (action !== 'examine') return 0;
  const file = subjectFile === undefined ? {} : parseSubject(await readFile(subjectFile, 'utf8'), subjectFile);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const results = await conformance(subjectOf(commandLine, file), {
    ...options,
    budgets: { ...file.budgets, ...options.budgets },
    signal: stop.signal,
    ...(format === 'text' && { onResult: (result) => process.stdout.write(`${resultLine(result)}\n`) }),
  });
  process.stdout.write(format === 'junit' ? junitReport(results) : `${summaryLine(results)}\n`);
  const isBad = results.some(({ outcome, level }) => outcome === 'failed' && (isStrict || level === 'must'));
  return isBad || stop.signal.aborted ? 1 : 0;
}
