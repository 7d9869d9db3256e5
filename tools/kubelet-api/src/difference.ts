// SPDX-License-Identifier: Apache-2.0
import type { Contract } from './contract.ts';

export interface Change {
  readonly kind: 'added' | 'removed' | 'renamed' | 'renumbered' | 'changed';
  /** What it is, with its name: `message Device`, `Device.health`, `DevicePlugin.Allocate()`. */
  readonly what: string;
  /** Number and type, or before and after. */
  readonly detail: string;
}

/**
 * What is different on the wire or by name, in the order of the contracts.
 *
 * A name that is gone while its number has another one is `renamed`: the same bytes, which may mean something else now.
 */
export function difference(old: Contract, newer: Contract): Change[] {
  return [
    ...compareGroups(
      'service',
      groups(old.services, ({ rpcs }) => rpcs.map(rpcMember)),
      groups(newer.services, ({ rpcs }) => rpcs.map(rpcMember)),
    ),
    ...compareGroups(
      'message',
      groups(old.messages, ({ fields }) => fields),
      groups(newer.messages, ({ fields }) => fields),
    ),
    ...compareGroups(
      'enum',
      groups(old.enums, ({ values }) => values.map(valueMember)),
      groups(newer.enums, ({ values }) => values.map(valueMember)),
    ),
  ];
}

/** Whether a plugin or a kubelet that knows the old contract would be misunderstood. */
export function isBreaking({ kind }: Change): boolean {
  return kind !== 'added';
}

const signs = { added: '+', removed: '-', renamed: '!', renumbered: '!', changed: '!' } as const;

/** One line: `+ DeviceSpec.owner: string, number 4`. */
export function describeChange({ kind, what, detail }: Change): string {
  const told = kind === 'added' || kind === 'removed' ? detail : [kind, detail].join(' ');
  return `${signs[kind]} ${what}${told === '' ? '' : `: ${told}`}`;
}

/** A field, a value or an RPC; the last one has no number. */
interface Member {
  readonly name: string;
  readonly number?: number;
  readonly type: string;
}

type Groups = ReadonlyMap<string, readonly Member[]>;

function groups<T extends { readonly name: string }>(
  all: readonly T[],
  members: (one: T) => readonly Member[],
): Groups {
  return new Map(all.map((one) => [one.name, members(one)]));
}

function rpcMember({ name, request, response }: { name: string; request: string; response: string }): Member {
  return { name: `${name}()`, type: `${request} → ${response}` };
}

function valueMember({ name, number }: { name: string; number: number }): Member {
  return { name, number, type: 'value' };
}

function compareGroups(kind: string, old: Groups, newer: Groups): Change[] {
  const names = new Set([...old.keys(), ...newer.keys()]);
  return [...names].flatMap((name) => {
    const [before, after] = [old.get(name), newer.get(name)];
    const whole = (change: 'added' | 'removed'): Change[] => [{ kind: change, what: `${kind} ${name}`, detail: '' }];
    if (after === undefined) return whole('removed');
    return [...(before === undefined ? whole('added') : []), ...compareMembers(name, before ?? [], after)];
  });
}

function compareMembers(group: string, old: readonly Member[], newer: readonly Member[]): Change[] {
  const isGone = (one: Member): boolean => !newer.some(({ name }) => name === one.name);
  const isNew = (one: Member): boolean => !old.some(({ name }) => name === one.name);
  const successorOf = (one: Member): Member | undefined =>
    newer.find((other) => one.number !== undefined && other.number === one.number && isNew(other));
  const successors = new Set(old.filter(isGone).map(successorOf));
  const changes = old.flatMap((one) => compareMember(group, one, newer, successorOf(one)));
  const added = newer.filter((one) => isNew(one) && !successors.has(one));
  return [...changes, ...added.map((one): Change => change('added', group, one, describeMember(one)))];
}

function compareMember(group: string, one: Member, newer: readonly Member[], successor: Member | undefined): Change[] {
  const same = newer.find(({ name }) => name === one.name);
  if (same === undefined) {
    if (successor === undefined) return [change('removed', group, one, describeMember(one))];
    const renamed = change('renamed', group, one, `to ${successor.name}`);
    return [renamed, ...typeChange(group, successor, one.type, successor.type)];
  }
  const renumbered =
    one.number === same.number ? [] : [change('renumbered', group, one, `from ${one.number} to ${same.number}`)];
  return [...renumbered, ...typeChange(group, one, one.type, same.type)];
}

function typeChange(group: string, one: Member, before: string, after: string): Change[] {
  return before === after ? [] : [change('changed', group, one, `from ${before} to ${after}`)];
}

function change(kind: Change['kind'], group: string, { name }: Member, detail: string): Change {
  return { kind, what: `${group}.${name}`, detail };
}

function describeMember({ number, type }: Member): string {
  return number === undefined ? type : `${type}, number ${number}`;
}
