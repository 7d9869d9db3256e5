// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { DevicePluginError, isMissing } from '@kube-device-plugins/core';
import { type Budgets, type ConformanceSubject, defaultBudgets } from '@kube-device-plugins/testkit';
import { commandHooks } from './subject-hooks.ts';
import { record, reject, rejectOthers, texts, words } from './subject-values.ts';

/** What a subject file says; each part may be missing. */
export interface SubjectFile extends Partial<ConformanceSubject> {
  readonly budgets?: Partial<Budgets>;
}

/** @throws DevicePluginError `CONFIG_INVALID`, also when there is no such file. */
export async function readSubject(file: string): Promise<SubjectFile> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) throw new DevicePluginError('CONFIG_INVALID', `${file} does not exist`);
    throw new DevicePluginError('CONFIG_INVALID', `${file} cannot be read`, { cause: error });
  });
  return parseSubject(text, file);
}

/**
 * Reads a subject in JSON. Hooks are commands, without a shell; `{id}` and `{count}` are replaced in them, and what
 * the command of a subject has.
 *
 * @throws DevicePluginError `CONFIG_INVALID` naming the key.
 */
export function parseSubject(text: string, file: string): SubjectFile {
  const root = record(parsed(text, file), file);
  const at = (key: string): string => `${file}: ${key}`;
  for (const key of Object.keys(root)) if (!keys.includes(key)) reject(at(key), `is none of ${keys.join(', ')}`);
  const { env, hooks, budgets, paths } = root;
  const lists = commandKeys.flatMap((key) => (root[key] === undefined ? [] : [[key, words(root[key], at(key))]]));
  return {
    ...(Object.fromEntries(lists) as SubjectFile),
    ...(env !== undefined && { env: texts(env, at('env')) }),
    ...(paths !== undefined && { paths: somePaths(paths, at('paths')) }),
    ...(hooks !== undefined && { hooks: commandHooks(record(hooks, at('hooks')), at('hooks')) }),
    ...(budgets !== undefined && { budgets: someBudgets(budgets, at('budgets')) }),
  };
}

const commandKeys = ['command', 'fatalCommand', 'badNameCommand', 'watcherCommand', 'resources'] as const;
const keys: readonly string[] = [...commandKeys, 'env', 'paths', 'hooks', 'budgets'];

function somePaths(value: unknown, where: string): NonNullable<SubjectFile['paths']> {
  const paths = texts(value, where);
  rejectOthers(paths, ['ready', 'metrics'], where);
  return paths;
}

function someBudgets(value: unknown, where: string): Partial<Budgets> {
  const budgets = record(value, where);
  const { registerDeadlineMs: range, ...limits } = budgets;
  rejectOthers(limits, Object.keys(defaultBudgets), where);
  for (const [key, limit] of Object.entries(limits)) milliseconds(limit, `${where}.${key}`);
  if (range !== undefined) {
    const at = `${where}.registerDeadlineMs`;
    const ends = record(range, at);
    rejectOthers(ends, ['min', 'max'], at);
    if (milliseconds(ends['min'], `${at}.min`) > milliseconds(ends['max'], `${at}.max`))
      reject(`${at}.max`, 'is below min');
  }
  return budgets;
}

function milliseconds(value: unknown, where: string): number {
  if (typeof value === 'number' && value > 0 && value <= longestTimerMs) return value;
  reject(where, `has to be a number of milliseconds above 0, at most ${longestTimerMs}`);
}

/** Of Node.js: longer ones end at once. */
const longestTimerMs = 2 ** 31 - 1;

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DevicePluginError('CONFIG_INVALID', `${file} is no JSON`, { cause: error });
  }
}
