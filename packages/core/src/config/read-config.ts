// SPDX-License-Identifier: Apache-2.0
import type { FlagDefinitions } from '../cli/flag-definition.ts';
import type { FileValues } from '../cli/go-flags.ts';
import { messageOf } from '../errors.ts';
import type { ConfigValue } from './config-value.ts';
import { flagSchema, flagValue } from './flag-schema.ts';
import { maintenanceSchema, readMaintenance, type MaintenanceEntry } from './maintenance.ts';
import { checkSchema, rejectUnknownKey } from './schema.ts';

/** What a configuration file says. */
export interface Config {
  /** Values of flags by their names. */
  readonly values: FileValues;
  readonly maintenance: readonly MaintenanceEntry[];
  /** The keys that are the plugin's own; undefined when the file has none of them. */
  readonly own: unknown;
}

/** What a configuration file may say. */
export interface ConfigSpec {
  readonly flags: FlagDefinitions;
  /** Where a key belongs that is not for this file, as the end of a sentence. */
  readonly elsewhere: (key: string) => string | undefined;
  /** Whether there are devices, and so `maintenance`. */
  readonly hasDevices: boolean;
  /** Finds fault with values that are right one by one: throws. */
  readonly check: (values: FileValues) => unknown;
  /** Keys that are no flags, and what rejects what is wrong with them. */
  readonly own?: { readonly keys: readonly string[]; readonly check: (root: ConfigValue, values: FileValues) => void };
}

/** Reads a configuration file. What is wrong with it is in `root.problems` afterwards; the result counts only when there is nothing. */
export function readConfig(root: ConfigValue, spec: ConfigSpec): Config {
  const { own } = spec;
  const keys = root.keys();
  const ownKeys = keys.filter((key) => own?.keys.includes(key) === true);
  const values = readFlags(root, spec);
  const hasOwn = own !== undefined && (keys.length === 0 || ownKeys.length > 0);
  if (hasOwn) own.check(keys.length === 0 ? root : root.only(ownKeys), values);
  else if (keys.length === 0) rejectOther(root);
  if (spec.hasDevices) checkSchema(root.at('maintenance'), maintenanceSchema);
  rejectTogether(root, values, spec);
  return {
    values,
    maintenance: root.problems.length === 0 ? readMaintenance(root.at('maintenance')) : [],
    own: hasOwn ? root.only(ownKeys).value : undefined,
  };
}

/** A file in which nothing is set is a file all the same. */
function rejectOther(root: ConfigValue): void {
  checkSchema(root, { type: ['object', 'null'] });
}

/** The names that a file may have at its top. */
function knownKeys({ flags, hasDevices, own }: ConfigSpec): readonly string[] {
  return [...Object.keys(flags), ...(hasDevices ? ['maintenance'] : []), ...(own?.keys ?? [])];
}

function readFlags(root: ConfigValue, spec: ConfigSpec): FileValues {
  const known = knownKeys(spec);
  const values = new Map<string, unknown>();
  for (const key of root.keys()) {
    const definition = Object.hasOwn(spec.flags, key) ? spec.flags[key] : undefined;
    const value = root.at(key);
    if (spec.own?.keys.includes(key) === true || (spec.hasDevices && key === 'maintenance')) continue;
    if (definition === undefined) {
      const place = spec.elsewhere(key);
      if (place === undefined) rejectUnknownKey(value, key, known);
      else value.rejectKey(place);
      continue;
    }
    const problems = root.problems.length;
    checkSchema(value, flagSchema(definition));
    if (!value.isAbsent && root.problems.length === problems) values.set(key, flagValue(definition, value.value));
  }
  return values;
}

/** The flag to blame is the one without which the problem is another one, or none; the others are checked on without it. */
function rejectTogether(root: ConfigValue, all: FileValues, { check }: ConfigSpec): void {
  let values = all;
  for (let problem = problemOf(() => check(values)); problem !== undefined; problem = problemOf(() => check(values))) {
    const without = (key: string): FileValues => new Map([...values].filter(([name]) => name !== key));
    const key = [...values.keys()].findLast((name) => problemOf(() => check(without(name))) !== problem);
    if (key === undefined) {
      // With another one that was left out for being wrong it may be none.
      if (root.problems.length === 0) root.reject(problem);
      return;
    }
    root.at(key).reject(problem);
    values = without(key);
  }
}

function problemOf(task: () => unknown): string | undefined {
  try {
    task();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
