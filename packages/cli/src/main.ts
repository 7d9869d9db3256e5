#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { stdin, stdout } from 'node:process';
import { isErrno } from '@kube-device-plugins/core';
import { runCli } from './run-cli.ts';

// kdp owns the process here and nowhere else. Exit codes: 0 done; 1 found something wrong, or failed; 2 wrong usage; 130 interrupted.
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    stop.abort();
  });
}
stdout.on('error', (error: Error) => {
  // A second error is of what was printed after the first.
  if (stop.signal.aborted) return;
  stop.abort();
  // Nobody reads on, as in kdp conformance --list | head.
  if (isErrno(error, 'EPIPE')) return;
  process.stderr.write(`kdp cannot write its output: ${error.message}\n`);
  process.exitCode = 1;
});
const exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  signal: stop.signal,
  print: (text) => stdout.write(text),
  printError: (text) => process.stderr.write(text),
  terminal: stdout.isTTY ? { columns: () => stdout.columns, rows: () => stdout.rows } : undefined,
  onResize: (listener, signal) => {
    stdout.on('resize', listener);
    signal.addEventListener('abort', () => stdout.off('resize', listener));
  },
  ...(stdin.isTTY && { onKeys: readKeys }),
});
// What was printed last may be lost only now, or has been already.
process.exitCode ??= exitCode;

function readKeys(listener: (keys: string) => void, signal: AbortSignal): void {
  const onData = (data: Buffer): void => listener(data.toString());
  stdin.setRawMode(true);
  stdin.on('data', onData);
  signal.addEventListener('abort', () => {
    stdin.off('data', onData).pause();
    stdin.setRawMode(false);
  });
}
