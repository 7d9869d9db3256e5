// SPDX-License-Identifier: Apache-2.0
import { type ClauseResult, reasons } from '@kube-device-plugins/testkit';
import { linkOf, markOf, type ReportSettings, summaryOf } from './report.ts';

/** The results for programs: each with its mark, the reason of the clause and where to read on; and the summary. */
export function jsonReport(
  results: readonly ClauseResult[],
  { isStrict, unexamined, problem }: ReportSettings,
): string {
  const told = results.map((result) => {
    const { id, level, title, profile, detail, durationMs } = result;
    const link = linkOf(id);
    return {
      id,
      level,
      title,
      profile,
      result: markOf(result, isStrict),
      detail,
      durationMs,
      reason: reasons[id],
      link,
    };
  });
  return `${JSON.stringify({ ...summaryOf(results, isStrict), unexamined, problem, results: told }, undefined, 2)}\n`;
}
