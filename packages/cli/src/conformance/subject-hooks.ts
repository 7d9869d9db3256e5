// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { commandAt, type InventoryHooks, type Place } from '@kube-device-plugins/testkit';
import { inBraces, placeNames, unknownPlaceholder } from './subject-check.ts';
import { reject, rejectOthers, words } from './subject-values.ts';

const hookPlaceholders = [...placeNames, 'id', 'count'];

/** Every hook that a clause may need. */
export const hookNames = [
  'prepare',
  'populate',
  'overfill',
  'add',
  'remove',
  'fail',
  'recover',
  'breakProbe',
  'breakScan',
  'hangProbe',
  'empty',
  'addResource',
  'addOdd',
  'shiftClock',
] as const satisfies readonly (keyof InventoryHooks)[];

/**
 * Hooks that are commands, without a shell; `{id}` and `{count}` are replaced in them, and what the command of a subject has.
 *
 * @throws DevicePluginError `CONFIG_INVALID` naming the key.
 */
export function commandHooks(hooks: Readonly<Record<string, unknown>>, where: string): InventoryHooks {
  rejectOthers(hooks, hookNames, where);
  const entries = hookNames.flatMap((name) => {
    if (hooks[name] === undefined) return [];
    const command = words(hooks[name], `${where}.${name}`);
    const unknown = unknownPlaceholder(command, hookPlaceholders);
    if (unknown !== undefined)
      reject(`${where}.${name}:`, `${unknown} is no placeholder; there are ${inBraces(hookPlaceholders)}`);
    // The last parameter is an id or a count, where there is one.
    const run = async (place: Place, value: string | number = ''): Promise<void> =>
      await runHook(command, place, String(value));
    return [[name, run]];
  });
  return Object.fromEntries(entries) as InventoryHooks;
}

/** An id comes from the plugin: it is one word, whatever is in it. */
async function runHook(command: readonly string[], place: Place, value: string): Promise<void> {
  const [file = '', ...args] = commandAt(command, place).map((word) => word.replace(/\{(id|count)\}/g, () => value));
  await promisify(execFile)(file, args, { timeout: hookTimeoutMs });
}

const hookTimeoutMs = 30_000;
