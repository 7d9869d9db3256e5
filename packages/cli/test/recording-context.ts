// SPDX-License-Identifier: Apache-2.0
import type { CliContext } from '../src/cli-context.ts';
import { runCli } from '../src/run-cli.ts';

/** What a run of kdp in this process printed, and its exit code. */
export interface CliRun {
  readonly code: number;
  readonly bytes: Buffer;
  readonly output: string;
  readonly errors: string;
}

/** Runs kdp in this process. */
export async function kdp(args: readonly string[], context: Partial<CliContext> = {}): Promise<CliRun> {
  const printed: Uint8Array[] = [];
  let errors = '';
  const code = await runCli(args, {
    env: {},
    signal: new AbortController().signal,
    print: (result) => void printed.push(typeof result === 'string' ? Buffer.from(result) : result),
    printError: (text) => void (errors += text),
    terminal: undefined,
    ...context,
  });
  const bytes = Buffer.concat(printed);
  return { code, bytes, output: bytes.toString(), errors };
}
