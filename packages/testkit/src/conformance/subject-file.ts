// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DevicePluginError } from '@kube-device-plugins/core';
import type { Budgets } from './budgets.ts';
import { commandAt, type InventoryHooks, type Place } from './subject.ts';

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

/**
 * Reads a subject in JSON. Hooks are commands, without a shell; `{id}` and `{count}` are replaced in them, and what
 * the command of a subject has.
 *
 * @throws DevicePluginError `CONFIG_INVALID` naming the key.
 */
export function parseSubject(text: string, file: string): SubjectFile {
  const root = record(parsed(text, file), file);
  const known = ['command', 'fatalCommand', 'env', 'resources', 'hooks', 'budgets'];
  for (const key of Object.keys(root))
    if (!known.includes(key)) reject(`${file}: ${key}`, `is none of ${known.join(', ')}`);
  const at = (key: string): string => `${file}: ${key}`;
  const { command, fatalCommand, env, resources, hooks, budgets } = root;
  return {
    ...(command !== undefined && { command: words(command, at('command')) }),
    ...(fatalCommand !== undefined && { fatalCommand: words(fatalCommand, at('fatalCommand')) }),
    ...(env !== undefined && { env: texts(env, at('env')) }),
    ...(resources !== undefined && { resources: words(resources, at('resources')) }),
    ...(hooks !== undefined && { hooks: commandHooks(record(hooks, at('hooks')), at('hooks')) }),
    ...(budgets !== undefined && { budgets: record(budgets, at('budgets')) }),
  };
}

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
  for (const name of Object.keys(hooks)) {
    if (!(hookNames as readonly string[]).includes(name))
      reject(`${where}.${name}`, `is none of ${hookNames.join(', ')}`);
  }
  const entries = hookNames.flatMap((name) => {
    if (hooks[name] === undefined) return [];
    const command = words(hooks[name], `${where}.${name}`);
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

function reject(where: string, why: string): never {
  throw new DevicePluginError('CONFIG_INVALID', `${where} ${why}`);
}
