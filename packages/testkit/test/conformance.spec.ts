// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { conformance, type ClauseResult } from '../src/index.ts';
import { brokenSubject, shortBudgets } from './broken-subject.ts';

const options = { budgets: shortBudgets, concurrency: 2 };

function byOutcome(results: readonly ClauseResult[], outcome: ClauseResult['outcome']): string[] {
  return results.filter((result) => result.outcome === outcome).map(({ id, detail }) => `${id} ${detail}`);
}

describe('conformance()', () => {
  it('finds nothing wrong with a plugin without a defect', { timeout: 180_000 }, async () => {
    const plain = await conformance(brokenSubject(), options);
    expect(byOutcome(plain, 'failed')).toEqual([]);
    const rich = await conformance(brokenSubject('--prefers', '--prepares', '--cdi', '{cdi}'), {
      ...options,
      only: ['AL', 'PA', 'PS'],
    });
    expect(byOutcome(rich, 'failed')).toEqual([]);
    const passed = new Set([...plain, ...rich].filter(({ outcome }) => outcome === 'passed').map(({ id }) => id));
    expect(plain.filter(({ id }) => !passed.has(id))).toEqual([]);
  });

  it('says why it skips a clause', async () => {
    const { command, resources } = brokenSubject();
    const results = await conformance({ command, resources }, { ...options, only: ['LI-03', 'SD-09', 'HP-05'] });
    expect(byOutcome(results, 'skipped')).toEqual([
      'LI-03 needs the hook fail, which was not given',
      'HP-05 needs the hook add and remove, which was not given',
      'SD-09 needs a command with a wrong configuration',
    ]);
  });

  it('takes ids and groups, leaves out what is skipped, and tells each result', async () => {
    const told: string[] = [];
    const results = await conformance(brokenSubject(), {
      ...options,
      only: ['ST-01', 'LI'],
      skip: ['LI-08', 'LI-09', 'LI-10', 'LI-03', 'LI-04'],
      onResult: ({ id }) => told.push(id),
    });
    expect(results.map(({ id }) => id)).toEqual(['ST-01', 'LI-01', 'LI-02', 'LI-05', 'LI-07']);
    expect(told.toSorted()).toEqual(results.map(({ id }) => id).toSorted());
  });

  it('fails what needs a plugin that runs, when it cannot be started', async () => {
    const subject = { command: ['/nowhere/plugin'] as const, resources: ['example.com/red'] as const };
    const [result] = await conformance(subject, { budgets: { registerMs: 300 }, only: ['LI-01'] });
    expect(result).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('ENOENT') as string });
  });

  it('ends a clause that takes too long, and the whole when it is told to', async () => {
    const [late] = await conformance(brokenSubject(), {
      budgets: { ...shortBudgets, idleMs: 60_000, clauseMs: 1_500 },
      only: ['LI-08'],
    });
    expect(late).toMatchObject({ outcome: 'failed', detail: 'the clause did not end within 1500 ms' });
    const stop = new AbortController();
    const running = conformance(brokenSubject(), { budgets: { idleMs: 60_000 }, only: ['LI-08'], signal: stop.signal });
    setTimeout(() => stop.abort(), 500);
    expect(await running).toEqual([]);
  });

  it('leaves nothing behind', async () => {
    const own = await mkdtemp(join(tmpdir(), 'kdp-'));
    vi.stubEnv('TMPDIR', own);
    try {
      await conformance(brokenSubject(), { ...options, only: ['SD-07', 'RS-08', 'ST-03'] });
      expect(await readdir(own)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      await rm(own, { recursive: true });
    }
  });
});
