// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allInvariants, type Limits, usualLimits } from '../src/invariants/all-invariants.ts';
import type { Outcome } from '../src/outcome.ts';
import { runSoak } from '../src/run-soak.ts';
import { simpleSubject } from '../src/subjects/simple-subject.ts';

const invariants = allInvariants(simpleSubject.settleMs, usualLimits).map(({ name }) => name);

/** A plugin that Node has to strip of its types first takes 40 MiB more. */
const limits: Limits = { ...usualLimits, hangMs: 15_000, residentMiB: 250 };

/** What is waited for in vain. */
const shorter: Readonly<Record<string, Partial<Limits>>> = {
  'allocatable-is-truth': { quietMs: 2_000 },
  'free-device-is-given': { quietMs: 2_000 },
  'nothing-hangs': { hangMs: 3_000 },
};

/** Not what a machine does that is busy. */
const seen: Readonly<Record<string, RegExp>> = {
  'allocatable-is-truth': /named-\d is Healthy, not Unhealthy/,
  'free-device-is-given': /there is nothing to give/,
};

/** Ten times as fast as it is used. */
async function soak(broken: string, withRestarts: number, rounds: number): Promise<Outcome> {
  const settings = {
    subject: simpleSubject,
    program: [join(import.meta.dirname, 'broken-plugin.ts')],
    env: { BREAKS: broken },
    seed: 8,
    durationMs: Infinity,
    rounds,
    pace: 0.1,
    cycle: { rounds: 1_000, withRestarts },
    limits: { ...limits, ...shorter[broken] },
    keep: false,
    progress: () => undefined,
  };
  return await runSoak(settings, new AbortController().signal);
}

describe('runSoak()', () => {
  it('finds nothing wrong with the plugin that is not broken', { timeout: 60_000 }, async () => {
    // Leaks are looked for after nine rounds in one process.
    const { violation, checks } = await soak('nothing', 2, 12);
    expect(violation).toBeUndefined();
    expect(Object.keys(checks)).toEqual(invariants);
    expect(Object.entries(checks).filter(([, count]) => count === 0)).toEqual([]);
  });

  it.each(invariants)('finds a plugin that breaks %s', { timeout: 60_000 }, async (name) => {
    const { violation } = await soak(name, name === 'ends-in-order' ? 1_000 : 0, 40);
    expect(violation).toMatchObject({ invariant: name });
    expect(violation?.seen).toMatch(seen[name] ?? /./);
  });
});
