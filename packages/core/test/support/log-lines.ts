// SPDX-License-Identifier: Apache-2.0
import { onTestFinished } from 'vitest';
import { configureLog } from '../../src/log/log.ts';

/** The lines that are logged until the test ends. */
export function logLines(): string[] {
  const lines: string[] = [];
  onTestFinished(configureLog({ output: { write: (line) => void lines.push(line) } }));
  return lines;
}
