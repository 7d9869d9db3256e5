// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '../errors.ts';
import type { FlagDefinitions, FlagValues } from './flag-definition.ts';
import { environmentName } from './go-flags.ts';

/**
 * A program's own flags and those it shares with others, in one table.
 *
 * @param owners who has the shared ones, for the message: `every plugin`.
 * @throws DevicePluginError `FLAG_INVALID` when a flag, or the variable of one, is in both: a mistake in the program's code.
 */
export function withSharedFlags(own: FlagDefinitions, shared: FlagDefinitions, owners: string): FlagDefinitions {
  const taken = new Set(Object.keys(shared).map(environmentName));
  const twice = Object.keys(own).find((flag) => taken.has(environmentName(flag)));
  if (twice === undefined) return { ...own, ...shared };
  throw new DevicePluginError('FLAG_INVALID', `${owners} has a flag -${twice}: a flag of its own needs another name`);
}

/** The values of these flags among those of others. */
export function valuesOf<D extends FlagDefinitions>(flags: D, values: FlagValues<FlagDefinitions>): FlagValues<D> {
  return Object.fromEntries(Object.keys(flags).map((name) => [name, values[name]])) as FlagValues<D>;
}
