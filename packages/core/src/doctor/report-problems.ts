// SPDX-License-Identifier: Apache-2.0
import type { CommonOptions } from '../cli/common-flags.ts';
import type { FlagDefinitions } from '../cli/flag-definition.ts';
import { log } from '../log/log.ts';
import type { PluginDefinition } from '../plugin-definition.ts';
import { hostOf } from '../scan/host-of.ts';
import type { Check } from './check.ts';
import { coreChecks } from './core-checks.ts';
import { examine } from './examine.ts';
import { sceneOfPlugin } from './scene.ts';

/**
 * Logs what is wrong with the node, in the words of `kdp doctor`: for a plugin that cannot start, or cannot register.
 * Only problems are told; it takes a second at most.
 */
export async function reportProblems(
  definitions: readonly PluginDefinition<FlagDefinitions>[],
  common: CommonOptions,
): Promise<void> {
  const [only, ...others] = definitions;
  await using lease = await hostOf(common);
  const scene = sceneOfPlugin(others.length === 0 ? only?.name : undefined, common, lease.host);
  const checks = [...coreChecks, ...(await Promise.all(definitions.map(checksOf))).flat()];
  const findings = await examine(checks, scene, patienceMs, new AbortController().signal);
  for (const { id, state, found, why, remedy } of findings)
    if (state === 'problem') log.warn('this may be why', { check: id, found, why, remedy });
}

/** A plugin that cannot say what it needs is no worse off than one that does not. */
async function checksOf(definition: PluginDefinition<FlagDefinitions>): Promise<readonly Check[]> {
  return (await definition.doctor?.().catch(() => undefined)) ?? [];
}

/** How long a process that is about to end may take for it. */
const patienceMs = 900;
