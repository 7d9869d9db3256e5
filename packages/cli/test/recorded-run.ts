// SPDX-License-Identifier: Apache-2.0
import { runCli } from '../src/run-cli.ts';

/** What a run of kdp printed, and its exit code. */
export interface RecordedRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kdp in this process. */
export async function recordedRun(
  args: readonly string[],
  signal = new AbortController().signal,
): Promise<RecordedRun> {
  let [stdout, stderr] = ['', ''];
  const code = await runCli(args, {
    env: {},
    signal,
    print: (text) => (stdout += text),
    printError: (text) => (stderr += text),
    terminal: undefined,
  });
  return { code, stdout, stderr };
}
