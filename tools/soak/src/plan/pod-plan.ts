// SPDX-License-Identifier: Apache-2.0
import type { SeededRandom } from '@kube-device-plugins/testkit';
import type { PodAction } from './action.ts';
import { between, oneOf } from './dice.ts';

/** Pods come and go. It knows which it asked for, not which were admitted: a plan does not depend on what happens. */
export class PodPlan {
  readonly #random: SeededRandom;
  readonly #resources: number;
  #asked: readonly string[] = [];
  #count = 0;

  constructor(random: SeededRandom, resources: number) {
    this.#random = random;
    this.#resources = resources;
  }

  /** The actions of one round, in no order. */
  next(): PodAction[] {
    const before = this.#asked;
    const admitted = Array.from({ length: between(this.#random, 1, 3) }, () => this.#admit());
    if (before.length === 0) return admitted;
    return [...admitted, { kind: 'start-container', pod: oneOf(this.#random, before) }, ...this.#deleteSome(before)];
  }

  #admit(): PodAction {
    this.#count += 1;
    const pod = `pod-${this.#count}`;
    this.#asked = [...this.#asked, pod];
    const devices = between(this.#random, 1, 2);
    return { kind: 'admit', pod, resource: between(this.#random, 0, this.#resources - 1), devices };
  }

  /** About as many as there are new ones; never one of the same round, which might be deleted before it came. */
  #deleteSome(candidates: readonly string[]): PodAction[] {
    const count = Math.min(candidates.length, between(this.#random, 1, candidates.length > maxPods ? 4 : 2));
    const pods = this.#random.shuffle(candidates).slice(0, count);
    this.#asked = this.#asked.filter((pod) => !pods.includes(pod));
    return pods.map((pod) => ({ kind: 'delete', pod }));
  }
}

/** That would fill the node. */
const maxPods = 6;
