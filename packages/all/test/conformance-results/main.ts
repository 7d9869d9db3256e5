// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { conformanceRuns as fpga } from '@kube-device-plugins/fpga-plugin/conformance-subject';
import { conformanceRuns as gpu } from '@kube-device-plugins/gpu-plugin/conformance-subject';
import {
  conformanceRuns as qat,
  exceptions as qatExceptions,
} from '@kube-device-plugins/qat-plugin/conformance-subject';
import { conformanceRuns as simple } from '@kube-device-plugins/simple-plugin/conformance-subject';
import { examined, type Verdicts } from './examined.ts';
import { resultsPage } from './results-page.ts';

// Examines every plugin of this repository for every clause, and writes docs/reference/conformance-results.md. Takes a quarter of an hour.
//   exit 0  no clause failed
//   exit 1  one did; the page says which
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

const columns: Record<string, Verdicts> = {};
for (const [plugin, runs, exceptions] of [
  ['simple', simple, {}],
  ['gpu', gpu, {}],
  ['qat', qat, qatExceptions],
  ['fpga', fpga, {}],
] as const) {
  const say = (text: string): boolean => process.stderr.write(`${plugin}: ${text}\n`);
  columns[plugin] = await examined(runs, exceptions, say, stop.signal);
}
if (stop.signal.aborted) process.exit(130);
await writeFile(join(import.meta.dirname, '../../../../docs/reference/conformance-results.md'), resultsPage(columns));
const verdicts = Object.values(columns).flatMap((column) => [...column.values()]);
process.exitCode = verdicts.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
