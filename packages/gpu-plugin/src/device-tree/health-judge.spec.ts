// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GpuCard } from '../sysfs/gpu-card.ts';
import type { HealthReading } from '../sysfs/health-source.ts';
import { HealthJudge, type HealthRules } from './health-judge.ts';

const rules: HealthRules = { badReadings: 2, goodReadings: 2, away: 'keep' };
const card: GpuCard = { name: 'card0', driver: 'xe', bdf: '0000:03:00.0', nodes: [], byPathLinks: [], meiNodes: [] };

const readings: Readonly<Record<string, HealthReading>> = {
  g: { state: 'good' },
  b: { state: 'bad', reason: 'too hot' },
  c: { state: 'bad', reason: 'memory broken' },
  u: { state: 'unknown' },
  a: { state: 'away', reason: 'nobody there' },
};

/** A letter for the health after each reading: H, or the first letter of the reason. */
function course(letters: string, judge: HealthJudge): string {
  return Array.from(letters)
    .map((letter) => {
      const reading = readings[letter] as HealthReading;
      const { health, healthReason = '' } = judge.judge(new Map([['card0', reading]]), [card]).get('card0') ?? {};
      return health === 'Healthy' ? 'H' : (healthReason[0] ?? '?');
    })
    .join('');
}

describe('HealthJudge', () => {
  it.each<[what: string, rules: Partial<HealthRules>, readings: string, healths: string]>([
    ['calls a card unhealthy that is bad at first sight', {}, 'b', 't'],
    ['waits for the second bad reading', {}, 'gbb', 'HHt'],
    ['begins again when a good reading comes between', {}, 'gbgbgbb', 'HHHHHHt'],
    ['waits for the second good reading', {}, 'bgg', 'ttH'],
    ['begins again when a bad reading comes between', {}, 'bgbgg', 'ttttH'],
    ['needs one reading where one is enough', { badReadings: 1, goodReadings: 1 }, 'gbgb', 'HtHt'],
    ['needs as many as it is told', { badReadings: 3, goodReadings: 4 }, 'gbbbgggg', 'HHHttttH'],
    ['takes a card that nobody knows for healthy', {}, 'uuu', 'HHH'],
    ['lets the first reading decide after that', {}, 'uub', 'HHt'],
    ['neither counts nor forgets at an unknown reading', {}, 'gbub', 'HHHt'],
    ['keeps what was while the source is away', {}, 'baaag', 'ttttt'],
    ['takes a card for healthy while the source was never there', {}, 'aaaa', 'HHHH'],
    ['tells the newest reason of an unhealthy card', {}, 'bcb', 'tmt'],
    ['counts away as bad with the other policy', { away: 'unhealthy' }, 'gaa', 'HHn'],
    ['does so before anything is known', { away: 'unhealthy' }, 'aaa', 'Hnn'],
    ['lets the first reading decide after that too', { away: 'unhealthy' }, 'aag', 'HnH'],
    ['keeps the reason when the source goes away', { away: 'unhealthy' }, 'ba', 'tt'],
    ['ends a row of good readings when the source goes away', { away: 'unhealthy' }, 'bgagg', 'ttttH'],
  ])('%s', (_what, some, letters, healths) => {
    expect(course(letters, new HealthJudge({ ...rules, ...some }))).toBe(healths);
  });

  it('A-G21: takes a card without a PCI address, of which no source knows, for healthy', () => {
    const judged = new HealthJudge(rules).judge(new Map(), [{ ...card, name: 'card1' }]);
    expect([...judged]).toEqual([['card1', { health: 'Healthy' }]]);
  });

  it('forgets a card that is gone, and one that is now at another address', () => {
    const judge = new HealthJudge(rules);
    const bad = new Map([['card0', readings['b'] as HealthReading]]);
    judge.judge(bad, [card]);
    expect(judge.judge(bad, []).size).toBe(0);
    expect(judge.judge(new Map(), [card]).get('card0')?.health).toBe('Healthy');
    judge.judge(bad, [card]);
    expect(judge.judge(new Map(), [{ ...card, bdf: '0000:04:00.0' }]).get('card0')?.health).toBe('Healthy');
  });

  it('judges each card by itself', () => {
    const other = { ...card, name: 'card1', bdf: '0000:04:00.0' };
    const judge = new HealthJudge({ ...rules, badReadings: 1 });
    const judged = judge.judge(
      new Map([
        ['card0', readings['b'] as HealthReading],
        ['card1', readings['g'] as HealthReading],
      ]),
      [card, other],
    );
    expect([...judged.values()].map(({ health }) => health)).toEqual(['Unhealthy', 'Healthy']);
  });

  it('returns the same object while nothing changes', () => {
    const judge = new HealthJudge(rules);
    const bad = new Map([['card0', readings['b'] as HealthReading]]);
    expect(judge.judge(bad, [card]).get('card0')).toBe(judge.judge(bad, [card]).get('card0'));
  });
});

describe('HealthJudge, whatever the readings', () => {
  const count = fc.integer({ min: 1, max: 4 });
  const letters = (some: string): fc.Arbitrary<string> =>
    fc.array(fc.constantFrom(...Array.from(some)), { maxLength: 40 }).map((each) => each.join(''));

  it('turns only after enough readings in a row that speak for it', () => {
    fc.assert(
      fc.property(letters('gbu'), count, count, (text, badReadings, goodReadings) => {
        const healths = `H${course(text, new HealthJudge({ badReadings, goodReadings, away: 'keep' }))}`;
        for (let at = 1; at < healths.length; at += 1) {
          if (healths[at] === healths[at - 1]) continue;
          const known = text.slice(0, at).replaceAll('u', '');
          const [reading, needed] = healths[at] === 't' ? ['b', badReadings] : ['g', goodReadings];
          expect(known.endsWith(reading.repeat(known.length === 1 ? 1 : needed))).toBe(true);
        }
      }),
    );
  });

  it('follows after enough readings in a row', () => {
    fc.assert(
      fc.property(letters('gbua'), count, count, (text, badReadings, goodReadings) => {
        const judge = new HealthJudge({ badReadings, goodReadings, away: 'keep' });
        course(text, judge);
        expect(course('b'.repeat(badReadings), judge).at(-1)).toBe('t');
        expect(course('g'.repeat(goodReadings), judge).at(-1)).toBe('H');
      }),
    );
  });

  it('is the same with and without readings that tell nothing', () => {
    fc.assert(
      fc.property(letters('gbua'), (text) => {
        const all = course(text, new HealthJudge(rules)).at(-1) ?? 'H';
        const told = course(text.replaceAll(/[ua]/g, ''), new HealthJudge(rules)).at(-1) ?? 'H';
        expect(all).toBe(told);
      }),
    );
  });
});
