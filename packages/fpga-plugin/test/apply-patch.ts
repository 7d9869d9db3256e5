// SPDX-License-Identifier: Apache-2.0
import type { PatchOperation } from '../src/device-tree/patch-pod.ts';

/** The document after a JSON Patch (RFC 6902), as an API server applies it: refused where a path is not there. */
export function applyPatch(document: unknown, operations: readonly PatchOperation[]): unknown {
  const patched: unknown = JSON.parse(JSON.stringify(document ?? null));
  for (const operation of operations) {
    const keys = operation.path.split('/').slice(1).map(unescapeKey);
    const last = keys.pop() ?? '';
    const parent = keys.reduce(memberOf, patched) as Record<string, unknown>;
    if (operation.op === 'add') parent[last] = structuredClone(operation.value);
    else {
      memberOf(parent, last);
      Reflect.deleteProperty(parent, last);
    }
  }
  return patched;
}

function memberOf(parent: unknown, key: string): unknown {
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, key))
    throw new Error(`the patch cannot be applied: there is no ${key}`);
  return (parent as Record<string, unknown>)[key];
}

function unescapeKey(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}
