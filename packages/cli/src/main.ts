#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { stdin, stdout } from 'node:process';
import { exitDespiteFileWork, isErrno, isFileWorkPending } from '@kube-device-plugins/core';
import { runCli } from './run-cli.ts';

// kdp owns the process here and nowhere else. Exit codes: 0 done; 1 found something wrong, or failed; 2 wrong usage; 130 interrupted.
exitDespiteFileWork(process);
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    stop.abort();
  });
}
const output = { isLost: false };
stdout.on('error', (error: Error) => {
  // EPIPE: nobody reads on, as in kdp conformance --list | head.
  if (!isErrno(error, 'EPIPE') && !output.isLost) {
    output.isLost = true;
    process.exitCode = 1;
    process.stderr.write(`cannot write to standard output: ${error.message}\n`);
  }
  stop.abort();
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
// The error of the last write may come before this, or later.
process.exitCode = output.isLost ? 1 : exitCode;
// A device that never answers a read would keep the process; what was printed has been written by then.
if (isFileWorkPending()) stdout.write('', () => process.exit());

function readKeys(listener: (keys: string) => void, signal: AbortSignal): void {
  const onData = (data: Buffer): void => listener(data.toString());
  stdin.setRawMode(true);
  stdin.on('data', onData);
  signal.addEventListener('abort', () => {
    stdin.off('data', onData).pause();
    stdin.setRawMode(false);
  });
}
