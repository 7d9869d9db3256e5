// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { DevicePluginError, isMissing } from '@kube-device-plugins/core';
import { type Budgets, defaultBudgets } from './budgets.ts';
import { commandAt, type InventoryHooks, type Place } from './subject.ts';
import { inBraces, placeNames, unknownPlaceholder } from './subject-check.ts';

/** What a subject file says; each part may be missing. */
export interface SubjectFile {
  readonly command?: readonly [string, ...string[]];
  readonly fatalCommand?: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly resources?: readonly [string, ...string[]];
  readonly hooks?: InventoryHooks;
  readonly budgets?: Partial<Budgets>;
}

type Command = readonly [string, ...string[]];

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
  const { command, fatalCommand, env, resources, hooks, budgets } = root;
  return {
    ...(command !== undefined && { command: words(command, at('command')) }),
    ...(fatalCommand !== undefined && { fatalCommand: words(fatalCommand, at('fatalCommand')) }),
    ...(env !== undefined && { env: texts(env, at('env')) }),
    ...(resources !== undefined && { resources: words(resources, at('resources')) }),
    ...(hooks !== undefined && { hooks: commandHooks(record(hooks, at('hooks')), at('hooks')) }),
    ...(budgets !== undefined && { budgets: someBudgets(budgets, at('budgets')) }),
  };
}

const keys = ['command', 'fatalCommand', 'env', 'resources', 'hooks', 'budgets'];

const hookPlaceholders = [...placeNames, 'id', 'count'];

const hookNames = [
  'prepare',
  'populate',
  'overfill',
  'add',
  'remove',
  'fail',
  'recover',
  'breakProbe',
  'breakScan',
] as const;

function commandHooks(hooks: Readonly<Record<string, unknown>>, where: string): InventoryHooks {
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
async function runHook(command: Command, place: Place, value: string): Promise<void> {
  const [file = '', ...args] = commandAt(command, place).map((word) => word.replace(/\{(id|count)\}/g, () => value));
  await promisify(execFile)(file, args, { timeout: hookTimeoutMs });
}

const hookTimeoutMs = 30_000;

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

function record(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) reject(where, 'has to be a mapping');
  return value as Readonly<Record<string, unknown>>;
}

function words(value: unknown, where: string): Command {
  const [first, ...rest] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof first !== 'string' || !rest.every((word) => typeof word === 'string')) {
    reject(where, 'has to be a list of at least one text');
  }
  return [first, ...rest];
}

function texts(value: unknown, where: string): Readonly<Record<string, string>> {
  const entries = Object.entries(record(value, where));
  for (const [key, text] of entries) if (typeof text !== 'string') reject(`${where}.${key}`, 'has to be a text');
  return Object.fromEntries(entries) as Record<string, string>;
}

function rejectOthers(mapping: object, known: readonly string[], where: string): void {
  for (const key of Object.keys(mapping))
    if (!known.includes(key)) reject(`${where}.${key}`, `is none of ${known.join(', ')}`);
}

function reject(where: string, why: string): never {
  throw new DevicePluginError('CONFIG_INVALID', `${where} ${why}`);
}
