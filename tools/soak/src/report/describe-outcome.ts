// SPDX-License-Identifier: Apache-2.0
import type { Measured } from '../invariants/invariant.ts';
import type { Outcome } from '../outcome.ts';
import { percentile } from './percentile.ts';
import { formatTable } from './table.ts';
import { type Point, theilSen } from './theil-sen.ts';

/** What a run has found, for people. */
export function describeOutcome(outcome: Outcome): string {
  const { plugin, seed, tookMs, rounds, isInterrupted, pods, actions } = outcome;
  const total = Object.values(actions).reduce((sum, count) => sum + count, 0);
  const end = isInterrupted ? ', interrupted' : '';
  const refused = Object.entries(pods.refused).map(([reason, count]) => `${count}, because ${reason}`);
  const lives = new Set(outcome.measured.map(({ life }) => life)).size;
  return [
    '',
    `${plugin}, seed ${seed}: ${rounds} rounds and ${total} actions in ${Math.round(tookMs / 1_000)} s${end}; ${lives} processes`,
    `pods admitted: ${pods.admitted}; refused: ${refused.join('; ') || 'none'}`,
    ...(outcome.cdiDisk === undefined ? [] : [`full CDI disk: ${outcome.cdiDisk}`]),
    '',
    ...formatTable(faultRows(outcome)),
    '',
    ...formatTable(growthRows(outcome.measured)),
    '',
    ...formatTable([['invariant', 'held'], ...checkRows(outcome)]),
  ].join('\n');
}

function faultRows({ actions, recoveriesMs }: Outcome): string[][] {
  const names = Object.keys({ ...actions, ...recoveriesMs }).sort();
  const rows = names.map((name) => {
    const times = recoveriesMs[name] ?? [];
    const cells = [percentile(times, 50), percentile(times, 99), percentile(times, 100)].map(milliseconds);
    return [name, String(actions[name] ?? times.length), ...cells];
  });
  return [['action', 'done', 'recovery p50', 'p99', 'max ms'], ...rows];
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(0);
}

/** Of the process that lived longest: at its first quiet, its last one, and by the line through all of them but the first three. */
function growthRows(measured: readonly Measured[]): string[][] {
  const longest = [...Map.groupBy(measured, ({ life }) => life).values()].sort((a, b) => b.length - a.length)[0] ?? [];
  const row = (name: string, digits: number, value: (each: Measured) => number): string[] => {
    const points = longest.map((each): Point => ({ x: each.atMs / 60_000, y: value(each) }));
    const [first, last] = [points[0]?.y ?? 0, points.at(-1)?.y ?? 0];
    const slope = points.length < 6 ? '' : theilSen(points.slice(3)).toFixed(2);
    return [
      name,
      first.toFixed(digits),
      last.toFixed(digits),
      Math.max(...points.map(({ y }) => y)).toFixed(digits),
      slope,
    ];
  };
  if (longest.length === 0) return [];
  return [
    [`process of ${longest.length} rounds`, 'start', 'end', 'most', 'per minute'],
    row('heap, MiB', 1, ({ heapMiB }) => heapMiB),
    row('resident memory, MiB', 1, ({ rssMiB }) => rssMiB),
    row('open files', 0, ({ openFiles }) => openFiles),
    row('handles', 0, ({ handles }) => handles),
    row('sockets', 0, ({ sockets }) => sockets.length),
  ];
}

function checkRows({ checks, violation }: Outcome): string[][] {
  return Object.entries(checks).map(([name, count]) => [
    name,
    violation?.invariant === name ? `${count}, then BROKEN` : String(count),
  ]);
}
