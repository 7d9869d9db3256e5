// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScriptAction, ScriptStep } from '../options/script.ts';
import { simulatedState } from './simulated-state.ts';

const step = (atMs: number, action: ScriptAction, signal = 0): ScriptStep => ({ atMs, signal, action });

/** H or U for each device by its index, a dash for one that is not there. */
function healthOf(script: readonly ScriptStep[], nowMs: number, signalsMs: readonly number[] = [], count = 3): string {
  const { devices } = simulatedState({ numberDevicesOnNode: count, script }, nowMs, signalsMs);
  const last = Math.max(count - 1, ...devices.keys());
  const letterOf = (index: number): string => (devices.get(index) === undefined ? 'H' : 'U');
  return Array.from({ length: last + 1 }, (_, index) => (devices.has(index) ? letterOf(index) : '-')).join('');
}

const nextChange = (script: readonly ScriptStep[], nowMs: number, signalsMs: readonly number[] = []): unknown =>
  simulatedState({ numberDevicesOnNode: 3, script }, nowMs, signalsMs).nextChangeMs;

describe('simulatedState()', () => {
  it('has all devices healthy and nothing to come without a script', () => {
    expect(healthOf([], 0)).toBe('HHH');
    expect(nextChange([], 0)).toBeUndefined();
  });

  it('plays each step at its time, whatever their order', () => {
    const script = [
      step(30, { kind: 'add', devices: [1, 4] }),
      step(10, { kind: 'fail', devices: [0, 2], reason: 'hot' }),
      step(20, { kind: 'remove', devices: [1] }),
      step(40, { kind: 'recover', devices: 'all' }),
    ];
    const seen = [0, 9, 10, 20, 30, 40].map((nowMs) => healthOf(script, nowMs));
    expect(seen).toEqual(['HHH', 'HHH', 'UHU', 'U-U', 'UHU-H', 'HHH-H']);
    expect([0, 10, 25, 40].map((nowMs) => nextChange(script, nowMs))).toEqual([10, 20, 30, undefined]);
  });

  it('plays steps of the same time in the order they are listed', () => {
    const script = [
      step(0, { kind: 'fail', devices: 'all', reason: '' }),
      step(0, { kind: 'recover', devices: [1] }),
      step(0, { kind: 'remove', devices: [2] }),
      step(0, { kind: 'recover', devices: [2] }),
    ];
    expect(healthOf(script, 0)).toBe('UH-');
  });

  it('brings back with add: all what was there at first', () => {
    const script = [step(0, { kind: 'remove', devices: 'all' }), step(5, { kind: 'add', devices: 'all' })];
    expect([healthOf(script, 0), healthOf(script, 5)]).toEqual(['---', 'HHH']);
  });

  it('flaps between unhealthy and healthy, and ends healthy', () => {
    const script = [step(100, { kind: 'flap', devices: [1, 9], hz: 10, forMs: 230 })];
    const seen = [99, 100, 149, 150, 200, 250, 300, 329, 330].map((nowMs) => healthOf(script, nowMs));
    expect(seen).toEqual(['HHH', 'HUH', 'HUH', 'HHH', 'HUH', 'HHH', 'HUH', 'HUH', 'HHH']);
    expect([0, 100, 149, 150, 310, 330].map((nowMs) => nextChange(script, nowMs))).toEqual([
      100,
      150,
      150,
      200,
      330,
      undefined,
    ]);
  });

  it.each([
    ['fail', 'U'],
    ['recover', 'H'],
    ['remove', '-'],
    ['add', 'H'],
  ] as const)('ends the flapping of a device with %s', (kind, expected) => {
    const script = [
      step(0, { kind: 'flap', devices: [0], hz: 1, forMs: 10_000 }),
      step(100, { kind, devices: [0], reason: '' }),
    ];
    expect(healthOf(script, 200, [], 1)).toBe(expected);
    expect(nextChange(script, 200)).toBeUndefined();
  });

  it('says why a device is unhealthy', () => {
    const script = [
      step(0, { kind: 'fail', devices: [0], reason: 'hot' }),
      step(0, { kind: 'fail', devices: [1], reason: '' }),
      step(0, { kind: 'flap', devices: [2], hz: 1, forMs: 1_000 }),
    ];
    const { devices } = simulatedState({ numberDevicesOnNode: 4, script }, 0, []);
    expect([...devices.values()]).toEqual(['hot', 'failed by its script', 'flapping by its script', undefined]);
  });

  it('slows Allocate until it says otherwise', () => {
    const script = [step(10, { kind: 'slowAllocate', delayMs: 250 }), step(20, { kind: 'slowAllocate', delayMs: 0 })];
    const delays = [0, 10, 20].map(
      (nowMs) => simulatedState({ numberDevicesOnNode: 0, script }, nowMs, []).allocateDelayMs,
    );
    expect(delays).toEqual([0, 250, 0]);
  });

  it('waits for the signals that steps are for', () => {
    const script = [
      step(0, { kind: 'fail', devices: [0], reason: '' }, 1),
      step(50, { kind: 'recover', devices: [0] }, 2),
    ];
    expect(nextChange(script, 1_000)).toBeUndefined();
    expect(healthOf(script, 1_000)).toBe('HHH');
    expect(healthOf(script, 1_000, [700])).toBe('UHH');
    expect(nextChange(script, 1_000, [700, 990])).toBe(1_040);
    expect(healthOf(script, 1_040, [700, 990])).toBe('HHH');
  });

  it('changes only when it says that it will', () => {
    const devices = fc.oneof(fc.constant('all' as const), fc.array(fc.nat(4), { minLength: 1, maxLength: 3 }));
    const action: fc.Arbitrary<ScriptAction> = fc.oneof(
      fc.record({ kind: fc.constantFrom('add', 'remove', 'recover'), devices }),
      fc.record({ kind: fc.constant('fail' as const), devices, reason: fc.constant('') }),
      fc.record({
        kind: fc.constant('flap' as const),
        devices,
        hz: fc.constantFrom(0.5, 3, 10, 100),
        forMs: fc.nat(2_000),
      }),
      fc.record({ kind: fc.constant('slowAllocate' as const), delayMs: fc.nat(100) }),
    );
    const script = fc.array(fc.record({ atMs: fc.nat(2_000), signal: fc.nat(2), action }), { maxLength: 8 });
    const signalsMs = fc.array(fc.nat(2_000), { maxLength: 2 }).map((times) => times.sort((a, b) => a - b));
    fc.assert(
      fc.property(script, signalsMs, fc.nat(4_000), fc.nat(999), (steps, signals, nowMs, part) => {
        const resource = { numberDevicesOnNode: 3, script: steps };
        const known = signals.filter((atMs) => atMs <= nowMs);
        const { nextChangeMs, ...now } = simulatedState(resource, nowMs, known);
        const untilMs = nextChangeMs ?? nowMs + 10_000;
        expect(untilMs).toBeGreaterThan(nowMs - 1e-6);
        const later = simulatedState(resource, nowMs + ((untilMs - nowMs) * part) / 1_000, known);
        expect(later).toMatchObject(now);
      }),
    );
  });
});
