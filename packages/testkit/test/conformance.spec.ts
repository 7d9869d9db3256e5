// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DevicePluginError } from '@kube-device-plugins/core';
import { describe, expect, it, vi } from 'vitest';
import { ClauseFailure } from '../src/conformance/clause.ts';
import { conformance, type ClauseResult, type Place } from '../src/index.ts';
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
      only: ['AL', 'PA', 'PS', 'RB-12'],
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
      skip: ['LI-08', 'LI-09', 'LI-10', 'LI-11', 'LI-03', 'LI-04'],
      onResult: ({ id }) => told.push(id),
    });
    expect(results.map(({ id }) => id)).toEqual(['ST-01', 'LI-01', 'LI-02', 'LI-05', 'LI-06', 'LI-07']);
    expect(told.toSorted()).toEqual(results.map(({ id }) => id).toSorted());
  });

  it.each([
    [['/nowhere/plugin'], DevicePluginError, /^the command \/nowhere\/plugin cannot be started: .*ENOENT/],
    [['sh', '-c', 'exit 3'], ClauseFailure, /the plugin has exited with 3 without a word$/],
    [['sh', '-c', 'echo no >&2; exit 3'], ClauseFailure, /the plugin has exited with 3; its last line: no$/],
    [['sleep', '100'], ClauseFailure, /^the plugin runs, but has not called Register/],
  ] as const)('tells once that %j is no plugin', async (command, type, message) => {
    const running = conformance({ command, resources: ['example.com/red'] }, { budgets: { registerMs: 1_000 } });
    const error: unknown = await running.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ message: expect.stringMatching(message) as string });
  });

  it('tells how the stream ended of a plugin whose list does not arrive', { timeout: 120_000 }, async () => {
    const huge = brokenSubject('--defect', 'LI-10-huge');
    const prepare = async (place: Place): Promise<void> => await huge.hooks?.overfill?.(place);
    const examine = async (): Promise<void> => {
      const [result] = await conformance({ ...huge, hooks: { prepare } }, { only: ['LI-01'], budgets: shortBudgets });
      expect(result?.detail).toMatch(
        /with at least 1 registration; it is disconnected after .*its stream ended: rpc error: code = ResourceExhausted/,
      );
    };
    // The wait may end while the next stream has just begun.
    await vi.waitFor(examine, { timeout: 100_000 });
  });

  it('tells once what the plugin registers instead', async () => {
    const subject = { ...brokenSubject(), resources: ['example.com/green'] as const };
    const budgets = { ...shortBudgets, registerMs: 3_000 };
    await expect(conformance(subject, { budgets })).rejects.toThrow(
      /^the plugin registers example.com\/\w+, example.com\/\w+, but not example.com\/green: /,
    );
  });

  it('tells what it did to the plugin, and which clause is about a step before', async () => {
    const subject = brokenSubject('--defect', 'RS-01-once');
    const results = await conformance(subject, {
      budgets: { ...shortBudgets, registerMs: 6_000 },
      only: ['RS-01', 'RS-20'],
    });
    expect(byOutcome(results, 'failed')).toEqual([
      expect.stringMatching(
        /^RS-01 restarted the kubelet \(graceful\); waited 6 s for example.com\/red to be connected/,
      ),
      expect.stringMatching(/^RS-20 not reached, see RS-01: restarted the kubelet \(crash\); waited 6 s for /),
    ]);
  });

  it('ends what a wrapper leaves behind, and says so', { timeout: 30_000 }, async () => {
    const { command, ...subject } = brokenSubject();
    const wrapped = { ...subject, command: ['sh', '-c', '"$@"; exit $?', 'wrapper', ...command] as const };
    const results = await conformance(wrapped, { ...options, only: ['SD-01', 'SD-07'] });
    expect(byOutcome(results, 'passed')).toEqual(['SD-07 ']);
    expect(byOutcome(results, 'failed')).toEqual([
      expect.stringMatching(
        /^SD-01 sent SIGTERM; the plugin was killed by SIGTERM, .* left processes behind \(.*exec\)/,
      ),
    ]);
  });

  it('ends a clause that takes too long, and the whole when it is told to', async () => {
    const [late] = await conformance(brokenSubject(), {
      budgets: { ...shortBudgets, idleMs: 60_000, clauseMs: 1_500 },
      only: ['LI-08'],
    });
    // What it was about then depends on how fast the machine starts a plugin.
    expect(late?.outcome).toBe('failed');
    expect(late?.detail).toMatch(/the clause did not end within 1500 ms$/);
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

  it('starts nothing any more when it was ended while a hook was under way', async () => {
    const own = await mkdtemp(join(tmpdir(), 'kdp-'));
    vi.stubEnv('TMPDIR', own);
    const [called, goOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const prepare = async (): Promise<void> => {
      called.resolve(undefined);
      await goOn.promise;
    };
    const stop = new AbortController();
    const running = conformance({ ...brokenSubject(), hooks: { prepare } }, { ...options, signal: stop.signal });
    try {
      await called.promise;
      stop.abort();
      expect(await running).toEqual([]);
      goOn.resolve(undefined);
      await delay(300);
      expect(await readdir(own)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      await rm(own, { recursive: true });
    }
  });
});
