// SPDX-License-Identifier: Apache-2.0
import type { CommonOptions } from './cli/common-flags.ts';
import type { FlagDefinitions } from './cli/flag-definition.ts';
import { DevicePluginError, messageOf } from './errors.ts';
import { log } from './log/log.ts';
import type { PluginDefinition } from './plugin-definition.ts';

/**
 * Logs why a program ends, and returns its exit code: 2 for wrong flags, else 1.
 * An error of our own is a sentence with cause and remedy; for any other its stack is where the search begins.
 */
export function reportEnd(name: string, error: unknown): number {
  const isOurs = error instanceof DevicePluginError;
  if (isOurs) log.error(messageOf(error));
  else log.error(`${name} ends`, { error });
  return isOurs && error.code === 'FLAG_INVALID' ? 2 : 1;
}

/** Logs what is wrong with the node, for plugins that cannot start or register. Loaded here, for a start that works does without. */
export async function reportNode(
  definitions: readonly PluginDefinition<FlagDefinitions>[],
  common: CommonOptions,
): Promise<void> {
  try {
    const { reportProblems } = await import('./doctor/report-problems.ts');
    await reportProblems(definitions, common);
  } catch (error) {
    log.v(1).info('the node could not be examined', { error });
  }
}
