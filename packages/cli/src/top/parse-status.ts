// SPDX-License-Identifier: Apache-2.0
import type { Status } from '@kube-device-plugins/core';

/**
 * Reads what a plugin answers at `/status.json`.
 *
 * @throws Error that says what is missing, when it is something else.
 */
export function parseStatus(text: string): Status {
  const value: unknown = JSON.parse(text);
  const format = (value as { readonly format?: unknown } | null)?.format;
  if (typeof format === 'number' && format !== 1)
    throw new Error(`this is no status of a plugin: its format is ${format}, not 1; take the kdp of its release`);
  const problem = problemOf(value, statusShape, 'it');
  if (problem !== undefined) throw new Error(`this is no status of a plugin: ${problem}`);
  return value as Status;
}

/** The name of a type, an object by its keys, of which those with a `?` may be missing, or a list of things of one shape. */
type Shape = 'string' | 'number' | 'boolean' | readonly [Shape] | { readonly [key: string]: Shape };

const transition = { to: 'string', at: 'string', 'reason?': 'string' } as const;
const outcomes = { ok: 'number', error: 'number' } as const;
const device = {
  id: 'string',
  health: 'string',
  'reason?': 'string',
  numa: ['number'],
  nodes: ['string'],
  'users?': [{ namespace: 'string', pod: 'string', container: 'string' }],
  history: [transition],
} as const;
const resource = {
  name: 'string',
  'problem?': 'string',
  registrations: outcomes,
  allocations: outcomes,
  deviceCount: 'number',
  unhealthyCount: 'number',
  devices: [device],
  leftOutCount: 'number',
} as const;
const statusShape = {
  format: 'number',
  program: 'string',
  version: 'string',
  startedAt: 'string',
  madeAt: 'string',
  ready: 'boolean',
  'usersUnknown?': 'string',
  plugins: [{ name: 'string', ready: 'boolean', lines: ['string'], resources: [resource] }],
} as const satisfies Shape;

function problemOf(value: unknown, shape: Shape, what: string): string | undefined {
  if (typeof shape === 'string') return typeof value === shape ? undefined : `${what} is no ${shape}`;
  if (isList(shape)) {
    if (!Array.isArray(value)) return `${what} is no list`;
    return firstProblem(value.entries(), ([index, entry]) => problemOf(entry, shape[0], `${what}[${index}]`));
  }
  if (typeof value !== 'object' || value === null) return `${what} is no object`;
  const object = value as Readonly<Record<string, unknown>>;
  return firstProblem(Object.entries(shape), ([key, inner]) => {
    const name = key.replace('?', '');
    const found = Object.hasOwn(object, name) ? object[name] : undefined;
    return found === undefined && key.endsWith('?') ? undefined : problemOf(found, inner, `${what}.${name}`);
  });
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function firstProblem<T>(values: Iterable<T>, find: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const problem = find(value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
