// SPDX-License-Identifier: Apache-2.0
import { theilSen, type Point } from '../report/theil-sen.ts';
import { type Invariant, type Measured, onMoment } from './invariant.ts';

/** What must not grow. */
export interface GrowthRule {
  readonly name: string;
  readonly promise: string;
  readonly unit: string;
  readonly value: (measured: Measured) => number;
  /** By how much it may have grown in the life of one process. */
  readonly allowance: number;
}

/** The first rounds of a process compile and load what they use for the first time. */
const warmUpSamples = 3;
/** Fewer do not make a line. */
const leastSamples = 6;
/** A straight line through more would cost seconds. */
const mostSamples = 400;

/**
 * Grows by more than the allowance: the slope of the line through all samples of a process, times the time between the first and the last.
 * The line is Theil's and Sen's, which a few samples that are far off do not turn.
 */
export function noGrowth({ name, promise, unit, value, allowance }: GrowthRule): Invariant {
  let life = 0;
  let points: Point[] = [];
  return {
    name,
    promise,
    check: onMoment('measured', (measured) => {
      if (measured.life !== life) points = [];
      life = measured.life;
      points = [...points, { x: measured.atMs, y: value(measured) }].slice(-mostSamples);
      const line = points.slice(warmUpSamples);
      const [first, last] = [line[0], line.at(-1)];
      if (line.length < leastSamples || first === undefined || last === undefined) return undefined;
      const growth = theilSen(line) * (last.x - first.x);
      if (growth <= allowance) return 'kept';
      const seconds = Math.round((last.x - first.x) / 1_000);
      const seen = `${growth.toFixed(1)} ${unit} more in ${seconds} s: from ${first.y.toFixed(1)} to ${last.y.toFixed(1)}`;
      return { expected: `at most ${allowance} ${unit} more in the life of a process`, seen };
    }),
  };
}
