// SPDX-License-Identifier: Apache-2.0
import type { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { captureCommand } from './commands/capture.ts';
import { conformanceCommand } from './commands/conformance.ts';
import { doctorCommand } from './commands/doctor.ts';
import { inspectCommand } from './commands/inspect.ts';
import { topCommand } from './commands/top.ts';
import { validateCommand } from './commands/validate.ts';

/**
 * All commands, in the order of the help. Each is a file in `commands/` that says what its options are, and imports what it does
 * when it is run: `kdp --help` loads none of it.
 */
export const commands: readonly ((context: CliContext) => Command)[] = [
  conformanceCommand,
  inspectCommand,
  captureCommand,
  doctorCommand,
  validateCommand,
  topCommand,
];
