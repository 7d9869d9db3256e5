// SPDX-License-Identifier: Apache-2.0
import type { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { conformanceCommand } from './commands/conformance.ts';

/**
 * All commands, in the order of the help. Each is a file in `commands/` that says what its options are, and imports what it does
 * when it is run: `kdp --help` loads none of it.
 */
export const commands: readonly ((context: CliContext) => Command)[] = [conformanceCommand];
