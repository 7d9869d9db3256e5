// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpuSubject } from '../subjects/gpu-subject.ts';
import { simpleSubject } from '../subjects/simple-subject.ts';
import { describeAction, labelOf } from './action.ts';
import { type PlanShape, planOf, type Round } from './plan.ts';

const shape: PlanShape = { slots: simpleSubject.slots, usesCdi: false, cycle: { rounds: 60, withRestarts: 12 } };

function rounds(seed: number, count: number, of: PlanShape = shape): Round[] {
  return planOf(seed, of).take(count).toArray();
}

const endsPlugin = ({ faults }: Round): boolean => faults.some(({ kind }) => /^(kill|stop)-plugin$/.test(kind));

describe('planOf()', () => {
  it('is the same for the same seed, and another for another', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), (seed) => {
        expect(rounds(seed, 8)).toEqual(rounds(seed, 8));
        expect(rounds(seed, 8)).not.toEqual(rounds(seed + 1, 8));
      }),
    );
  });

  it('does to slots what they can, and to pods what makes sense', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), (seed) => {
        const asked = new Set<string>();
        for (const { steps } of rounds(seed, 20)) {
          for (const { action } of steps) {
            if ('slot' in action) expect(simpleSubject.slots[action.slot]?.states).toContain(action.to);
            if (action.kind === 'delete' || action.kind === 'start-container') expect(asked).toContain(action.pod);
          }
          for (const { action } of steps) if (action.kind === 'admit') asked.add(action.pod);
        }
      }),
    );
  });

  it('has every kind of fault within two minutes, in the order of time within each round', () => {
    const plan = rounds(1, 60, { ...shape, slots: gpuSubject.slots, usesCdi: true });
    const kinds = new Set(plan.flatMap(({ faults }) => faults.map(labelOf)));
    expect([...kinds].sort()).toEqual([
      'break-scan',
      'crowd',
      'cut-streams cancel',
      'cut-streams reset',
      'exhaust-files',
      'fill-cdi-disk',
      'freeze-plugin',
      'jump-clock',
      'kill-plugin',
      'refuse-registration',
      'remove-sockets',
      'restart-kubelet crash',
      'restart-kubelet fast',
      'restart-kubelet graceful',
      'restart-kubelet kubelet-sock-first',
      'restart-kubelet same-inode',
      'restart-kubelet twice-in-a-row',
      'restart-kubelet wipe-dir',
      'stall-kubelet',
      'stop-plugin',
    ]);
    for (const { steps } of plan) {
      const times = steps.map(({ atMs }) => atMs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
  });

  it('ends the plugin in the first rounds of each cycle only, and fills no disk that nobody uses', () => {
    const plan = rounds(3, 130);
    expect(plan.filter(endsPlugin).map(({ number }) => number)).toEqual(
      plan.map(({ number }) => number).filter((number) => number % 60 < 12),
    );
    expect(plan.flatMap(({ faults }) => faults).some(({ kind }) => kind === 'fill-cdi-disk')).toBe(false);
  });

  it('never cuts the streams of one kubelet more often than it can be made up for within 5 s', () => {
    for (let seed = 0; seed < 50; seed++) {
      let cuts = 0;
      for (const { kind } of rounds(seed, 100).flatMap(({ faults }) => faults)) {
        if (/restart-kubelet|stall|refuse|-plugin/.test(kind) && kind !== 'freeze-plugin') cuts = 0;
        if (kind === 'cut-streams') cuts += 1;
        expect(cuts).toBeLessThanOrEqual(4);
      }
    }
  });
});

describe('describeAction()', () => {
  it('names the kind and what was chosen by chance', () => {
    expect(describeAction({ kind: 'restart-kubelet', how: 'crash', downMs: 7 })).toBe(
      'restart-kubelet how=crash downMs=7',
    );
    expect(describeAction({ kind: 'remove-sockets' })).toBe('remove-sockets');
  });
});
