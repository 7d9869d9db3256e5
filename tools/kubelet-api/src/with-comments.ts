// SPDX-License-Identifier: Apache-2.0
import type { Contract } from './contract.ts';

/** Anything that is declared by a name. */
interface Declared {
  readonly name: string;
  readonly comment: string;
}

/**
 * The newer contract in the words and the order of the old one: what both have keeps its comment and its place, and what is new
 * comes after it without one, for somebody to write.
 */
export function withComments(newer: Contract, old: Contract): Contract {
  return {
    ...newer,
    comment: old.comment,
    services: arranged(newer.services, old.services, (service, before) => ({
      ...service,
      rpcs: arranged(service.rpcs, before?.rpcs),
    })),
    messages: arranged(newer.messages, old.messages, (message, before) => ({
      ...message,
      fields: arranged(message.fields, before?.fields),
    })),
    enums: arranged(newer.enums, old.enums, (declared, before) => ({
      ...declared,
      values: arranged(declared.values, before?.values),
    })),
  };
}

function arranged<T extends Declared>(
  newer: readonly T[],
  old: readonly T[] = [],
  inner: (one: T, before: T | undefined) => T = (one) => one,
): T[] {
  const places = new Map(old.map((one, index) => [one.name, index]));
  const placeOf = ({ name }: T): number => places.get(name) ?? old.length;
  return newer
    .toSorted((one, other) => placeOf(one) - placeOf(other))
    .map((one) => {
      const before = old[placeOf(one)];
      return { ...inner(one, before), comment: before?.comment ?? '' };
    });
}
