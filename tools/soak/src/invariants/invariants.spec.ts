// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { allInvariants, usualLimits } from './all-invariants.ts';
import type { Measured, Moment } from './invariant.ts';
import { Watch } from './watch.ts';

const settleMs = 2_000;

/** The invariant that these moments break, if any. */
function brokenBy(...moments: Moment[]): string | undefined {
  const watch = new Watch(
    allInvariants(settleMs, usualLimits),
    () => 0,
    () => undefined,
  );
  for (const moment of moments) watch.see(moment);
  return watch.violation?.invariant;
}

const given = (pod: string, ...nodes: string[]): Moment => ({ type: 'given', pod, devices: [`id of ${pod}`], nodes });
const logged = (line: string, atMs = 0): Moment => ({ type: 'logged', line, atMs });
const measured = (values: Partial<Measured> = {}): Moment => ({
  type: 'measured',
  life: 1,
  atMs: 0,
  openFiles: 28,
  handles: 7,
  heapMiB: 12,
  rssMiB: 70,
  sockets: ['a.sock'],
  socketsAllowed: 2,
  ...values,
});
const exited = (values: Partial<Extract<Moment, { type: 'exited' }>>): Moment => ({
  type: 'exited',
  wasAsked: true,
  how: 'exit code 0',
  tookMs: 100,
  leftSockets: [],
  ...values,
});
/** What was measured every two seconds. */
const series = (valueOf: (index: number) => Partial<Measured>, count = 12): Moment[] =>
  Array.from({ length: count }, (_, index) => measured({ atMs: index * 2_000, ...valueOf(index) }));

describe('allInvariants()', () => {
  it.each<[string | undefined, string, Moment[]]>([
    [
      undefined,
      'a node that a deleted pod had',
      [given('a', '/dev/x'), { type: 'freed', pod: 'a' }, given('b', '/dev/x')],
    ],
    [undefined, 'a container that starts anew', [given('a', '/dev/x'), given('a', '/dev/x')]],
    ['one-pod-per-device', 'a node of two pods', [given('a', '/dev/x'), given('b', '/dev/y', '/dev/x')]],
    [undefined, 'a device that has just gone bad', [{ type: 'allocated', device: 'd', badForMs: settleMs }]],
    ['healthy-devices-only', 'one that has been bad', [{ type: 'allocated', device: 'd', badForMs: settleMs + 1 }]],
    [undefined, 'a bad one that is refused', [{ type: 'bad-device-asked', device: 'd', isGiven: false }]],
    ['healthy-devices-only', 'a bad one that is given', [{ type: 'bad-device-asked', device: 'd', isGiven: true }]],
    [undefined, 'the truth', [{ type: 'quiet', differences: [], afterMs: 10 }]],
    ['allocatable-is-truth', 'anything else', [{ type: 'quiet', differences: ['d is absent'], afterMs: 5_000 }]],
    [undefined, 'a pod that gets its device', [{ type: 'pod-tried', refusal: undefined }]],
    ['free-device-is-given', 'one that does not', [{ type: 'pod-tried', refusal: 'no' }]],
    [undefined, 'a slow action', [{ type: 'acted', action: 'admit', tookMs: 29_000 }]],
    ['nothing-hangs', 'one without an end', [{ type: 'acted', action: 'admit', tookMs: 30_001 }]],
    [undefined, 'a line of the log', [logged('I1121 21:07:33.123456 1 main.ts:1] "all is well"')]],
    ['no-unhandled-error', 'the last words of Node.js', [logged('Node.js v24.21.0')]],
    ['no-unhandled-error', 'a warning of it', [logged('(node:1) MaxListenersExceededWarning: Possible leak')]],
    ['no-unasked-exit', 'an end by itself', [exited({ wasAsked: false })]],
    [undefined, 'an end in order', [exited({})]],
    [undefined, 'a kill', [exited({ how: 'SIGKILL', leftSockets: ['a.sock'] })]],
    ['ends-in-order', 'another exit code', [exited({ how: 'exit code 1' })]],
    ['ends-in-order', 'a slow end', [exited({ tookMs: 6_001 })]],
    ['ends-in-order', 'a socket that stays', [exited({ leftSockets: ['a.sock'] })]],
    [undefined, '400 lines in ten seconds', Array.from({ length: 800 }, (_, n) => logged('I1121 x', n * 25.1))],
    ['no-log-flood', 'more than that', Array.from({ length: 800 }, (_, n) => logged('I1121 x', n * 20))],
    ['no-log-flood', 'six errors', Array.from({ length: 6 }, (_, n) => logged('E1121 x', n * 1_000))],
    ['no-socket-left', 'a socket too many', [measured({ sockets: ['a', 'b', 'c'] })]],
    [undefined, 'what goes up and down', series((n) => ({ openFiles: 28 + 12 * (n % 2), heapMiB: 12 + 3 * (n % 2) }))],
    [undefined, 'what grows at first', series((n) => ({ rssMiB: Math.min(60 + 10 * n, 80) }))],
    [undefined, 'a leak that too few samples show', series((n) => ({ openFiles: 28 + 9 * n }), 8)],
    [undefined, 'growth in another process each time', series((n) => ({ life: n, heapMiB: 10 + n }))],
    ['no-file-leak', 'a file for each round', series((n) => ({ openFiles: 28 + 2 * n }))],
    ['no-handle-leak', 'a handle for each round', series((n) => ({ handles: 7 + 2 * n }))],
    ['no-heap-leak', 'half a megabyte for each round', series((n) => ({ heapMiB: 12 + n / 2 }))],
    ['no-memory-leak', 'three megabytes for each round', series((n) => ({ rssMiB: 60 + 3 * n }))],
    ['memory-is-bounded', 'too much at once', [measured({ rssMiB: 121 })]],
    [undefined, 'a little work', [{ type: 'idled', cpuShare: 0.08 }]],
    ['idle-is-idle', 'a busy loop', [{ type: 'idled', cpuShare: 0.09 }]],
  ])('says %s of %s', (expected, _what, moments) => {
    expect(brokenBy(...moments)).toBe(expected);
  });

  it('have names of their own', () => {
    const names = allInvariants(settleMs, usualLimits).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('Watch', () => {
  it('counts what held, tells of the first thing that does not, and looks no further', () => {
    const told: string[] = [];
    const watch = new Watch(
      allInvariants(settleMs, usualLimits),
      () => 42,
      ({ invariant }) => told.push(invariant),
    );
    watch.see({ type: 'idled', cpuShare: 0 });
    watch.see({ type: 'idled', cpuShare: 1 });
    watch.see(measured({ rssMiB: 999 }));
    expect(told).toEqual(['idle-is-idle']);
    expect(watch.violation).toMatchObject({ invariant: 'idle-is-idle', seen: '100 %', atMs: 42 });
    expect(watch.checks.get('idle-is-idle')).toBe(1);
    expect(watch.checks.get('memory-is-bounded')).toBe(0);
  });
});
