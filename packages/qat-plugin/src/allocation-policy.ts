// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, parseBdf } from '@kube-device-plugins/core';

/** How VFs are spread over physical functions (PFs); undefined leaves it to the kubelet's order. */
export type AllocationPolicy = 'balanced' | 'packed' | undefined;

/** What a kubelet asks for. */
export interface Preference {
  readonly available: readonly string[];
  /** Those of them that have to be in the answer. */
  readonly mustInclude: readonly string[];
  readonly size: number;
}

/**
 * The VFs to take: those that must be, then as the policy says. `packed` takes the VFs of one PF before those of the next, and `balanced` those of
 * the PF that has given the fewest to this container. Of VFs that are as good as each other it is the lowest: `packed` goes by the whole address,
 * `balanced` by device and function first, so that one container after another gets another PF.
 *
 * @param pfOf - the PF of a VF.
 * @throws DevicePluginError `PREFERENCE_INVALID` with both numbers when fewer are available than are wanted.
 * Upstream: cmd/qat_plugin/dpdkdrv, which takes a bus for a PF and forgets those that must be.
 */
export function preferredVfs(
  policy: AllocationPolicy,
  { available, mustInclude, size }: Preference,
  pfOf: (id: string) => string,
): string[] {
  if (size > available.length) {
    throw new DevicePluginError(
      'PREFERENCE_INVALID',
      `${size} devices are wanted, of which only ${available.length} are available`,
    );
  }
  const chosen = [...new Set(mustInclude)];
  const free = [...new Set(available)].filter((id) => !chosen.includes(id));
  const wanted = Math.max(0, size - chosen.length);
  switch (policy) {
    case undefined:
      return [...chosen, ...free.slice(0, wanted)];
    case 'packed':
      return [...chosen, ...packed(free, chosen, pfOf).slice(0, wanted)];
    case 'balanced':
      return [...chosen, ...balanced(free, chosen, pfOf).slice(0, wanted)];
  }
}

/** The VFs of PFs that the container has some of already come first. */
function packed(free: readonly string[], chosen: readonly string[], pfOf: (id: string) => string): readonly string[] {
  const used = new Set(chosen.map(pfOf));
  const sorted = sortedBy(free, ({ domain, bus, device, function: fn }) => [domain, bus, device, fn]);
  return [...sorted.filter((id) => used.has(pfOf(id))), ...sorted.filter((id) => !used.has(pfOf(id)))];
}

/** Each VF takes the turn behind those its PF has given before it; earlier turns come first. */
function balanced(free: readonly string[], chosen: readonly string[], pfOf: (id: string) => string): readonly string[] {
  const given = new Map<string, number>();
  const turnOf = (id: string): number => {
    const pf = pfOf(id);
    const turn = given.get(pf) ?? 0;
    given.set(pf, turn + 1);
    return turn;
  };
  chosen.forEach(turnOf);
  return sortedBy(free, ({ domain, bus, device, function: fn }) => [device, fn, bus, domain])
    .map((id) => ({ id, turn: turnOf(id) }))
    .sort((a, b) => a.turn - b.turn)
    .map(({ id }) => id);
}

type BdfKey = (bdf: NonNullable<ReturnType<typeof parseBdf>>) => readonly number[];

/** By numbers, not by letters: domains have four or more digits. What is no address comes last. */
function sortedBy(ids: readonly string[], keyOf: BdfKey): readonly string[] {
  const keyed = ids.map((id) => {
    const bdf = parseBdf(id);
    return { id, key: bdf === undefined ? [Infinity] : keyOf(bdf) };
  });
  return keyed.sort((a, b) => compare(a.key, b.key) || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) < (b[at] ?? 0) ? -1 : 1;
}
