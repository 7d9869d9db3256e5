// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import type { FileDescriptor } from './descriptor.ts';
import { UpdateError } from './update-error.ts';

/** What says nothing of the contract: names of files and of packages of other languages, and where something stands. */
const besides = ['name', 'options', 'sourceCodeInfo', 'bufExtension'];
const lists = ['service', 'messageType', 'enumType', 'method', 'field', 'nestedType', 'value'];

/**
 * Compares what was given with what would be written: this program does not know everything that a .proto file may say.
 *
 * @throws {UpdateError} with the declaration of which something would be lost
 */
export function checkNothingLost(given: FileDescriptor, written: FileDescriptor, path: string): void {
  const [before, after] = [comparable(given), comparable(written)];
  const lost = Object.keys({ ...before, ...after }).find((key) => !isDeepStrictEqual(before[key], after[key]));
  if (lost === undefined) return;
  throw new UpdateError(
    `${path} declares something that this program cannot write (${lost}): a nested type, a oneof, or an option. ` +
      'Extend tools/kubelet-api/src/to-contract.ts and print-proto.ts',
  );
}

/** The declarations by name, each with its parts in the order of their names. */
function comparable(file: FileDescriptor): Record<string, unknown> {
  const entries = Object.entries(file).filter(([key]) => !besides.includes(key));
  return Object.fromEntries(
    entries.flatMap(([key, value]: [string, unknown]) =>
      Array.isArray(value) && lists.includes(key)
        ? value.map((one: { readonly name: string }) => [`${key} ${one.name}`, ordered(one)] as const)
        : [[key, value] as const],
    ),
  );
}

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      // An empty option block, `rpc Register(A) returns (B) {}`, is one without options.
      .filter(([key, inner]) => key !== 'options' || Object.keys(inner as object).length > 0)
      .map(([key, inner]: [string, unknown]) => [key, lists.includes(key) ? byName(inner) : inner]),
  );
}

function byName(list: unknown): unknown[] {
  const named = list as readonly { readonly name: string }[];
  return named.toSorted((a, b) => a.name.localeCompare(b.name)).map(ordered);
}
