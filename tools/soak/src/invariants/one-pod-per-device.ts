// SPDX-License-Identifier: Apache-2.0
import type { Breach, Invariant, Moment, Verdict } from './invariant.ts';

/** Goes by what the containers get, and not by what the kubelet keeps: two ids may lead to the same node. */
export function onePodPerDevice(): Invariant {
  const holders = new Map<string, string>();
  const free = (pod: string): void => {
    for (const [thing, holder] of holders) if (holder === pod) holders.delete(thing);
  };
  return {
    name: 'one-pod-per-device',
    promise: 'no device, and no node of one, is given to two pods',
    check: (moment: Moment): Verdict => {
      if (moment.type === 'freed') free(moment.pod);
      return moment.type === 'given' ? give(moment, holders) : undefined;
    },
  };
}

function give({ pod, devices, nodes }: Moment & { type: 'given' }, holders: Map<string, string>): Breach | 'kept' {
  const things = [...devices, ...nodes];
  for (const thing of things) {
    const holder = holders.get(thing) ?? pod;
    if (holder !== pod) return { expected: `${thing} is given to ${holder} alone`, seen: `${pod} was given it, too` };
  }
  for (const thing of things) holders.set(thing, pod);
  return 'kept';
}
