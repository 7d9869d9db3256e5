// SPDX-License-Identifier: Apache-2.0
import { requestRescan, rescan } from '@kube-device-plugins/core';
import { FakeLevelZero } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { bdf, card, HealthWorld, otherCard, unplacedCard } from '../../test/health-world.ts';
import { HealthJudge } from '../device-tree/health-judge.ts';
import { LevelZeroHealth } from './level-zero-health.ts';

const limits = { globalCelsius: 100, gpuCelsius: 100, memoryCelsius: 100 };
/** Above all that a busy machine takes, and below what a test may. */
const patient = 10_000;
const impatient = 50;
const rules = { badReadings: 2, goodReadings: 2, away: 'keep' } as const;

/** What a kubelet would be told after one scan with this sidecar. */
async function firstHealth(prepare: (fake: FakeLevelZero) => void): Promise<string | undefined> {
  await using world = await HealthWorld.create();
  await using fake = await FakeLevelZero.start(world.socket);
  prepare(fake);
  const readings = await new LevelZeroHealth(world.socket, limits, patient).read([card], world.signal);
  return new HealthJudge(rules).judge(readings, [card]).get(card.name)?.health;
}

describe('LevelZeroHealth', () => {
  it.each<[string, (fake: FakeLevelZero) => void, string]>([
    ['A-G22: a card that is well', () => undefined, 'Healthy'],
    ['A-G23: a card without temperatures', (fake) => fake.behave('fail', 'GetDeviceTemperature'), 'Healthy'],
    ['A-G24: a card with broken memory', (fake) => fake.setCard(bdf, { memoryOk: false }), 'Unhealthy'],
    ['A-G24: a card with a bad bus', (fake) => fake.setCard(bdf, { busOk: false }), 'Unhealthy'],
    ['A-G25: a card of which the sidecar cannot tell', (fake) => fake.behave('fail'), 'Healthy'],
    ['a card that is too hot', (fake) => fake.setCard(bdf, { memoryCelsius: 101 }), 'Unhealthy'],
    ['a card with an error beside its health', (fake) => fake.behave('error'), 'Healthy'],
  ])('makes of %s a device', async (_what, prepare, health) => {
    expect(await firstHealth(prepare)).toBe(health);
  });

  it('does not ask for the temperatures of a broken card', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeLevelZero.start(world.socket);
    fake.setCard(bdf, { socOk: false });
    await new LevelZeroHealth(world.socket, limits, patient).read([card], world.signal);
    expect(fake.calls).toEqual([{ method: 'GetDeviceHealth', bdf }]);
  });

  it('says nothing of a card without a PCI address, and asks nothing', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeLevelZero.start(world.socket);
    const readings = await new LevelZeroHealth(world.socket, limits, patient).read([unplacedCard], world.signal);
    expect([readings.size, fake.calls.length]).toEqual([0, 0]);
  });

  it('follows a sidecar that goes away and comes back, and says so once each', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeLevelZero.start(world.socket);
    const source = new LevelZeroHealth(world.socket, limits, patient);
    expect(await world.state(source)).toBe('good');
    fake.stop();
    for (let scan = 0; scan < 3; scan += 1) expect(await world.state(source)).toBe('away');
    await fake.start();
    await expect.poll(() => world.state(source)).toBe('good');
    expect(world.logged).toHaveLength(2);
    expect(world.logged[0]).toMatch(/^warn health source is away /);
    expect(world.logged[1]).toBe(`info health source is back ${world.socket}`);
  });

  it('keeps an unhealthy card unhealthy while the sidecar is away', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeLevelZero.start(world.socket);
    fake.setCard(bdf, { busOk: false });
    const source = new LevelZeroHealth(world.socket, limits, patient);
    const judge = new HealthJudge(rules);
    const health = async (): Promise<unknown> =>
      judge.judge(await source.read([card], world.signal), [card]).get(card.name)?.health;
    expect(await health()).toBe('Unhealthy');
    fake.stop();
    expect([await health(), await health(), await health()]).toEqual(['Unhealthy', 'Unhealthy', 'Unhealthy']);
  });

  it('tells of one card among others once, and of an error inside of answers', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeLevelZero.start(world.socket);
    const source = new LevelZeroHealth(world.socket, limits, patient);
    const scan = async (): Promise<string[]> =>
      [...(await source.read([card, otherCard], world.signal)).values()].map(({ state }) => state);
    fake.behave('fail', 'GetDeviceHealth', bdf);
    expect([await scan(), await scan()]).toEqual(Array(2).fill(['away', 'good']));
    fake.behave('error', 'GetDeviceHealth', bdf);
    expect([await scan(), await scan()]).toEqual(Array(2).fill(['good', 'good']));
    fake.behave('answer', 'GetDeviceHealth', bdf);
    await scan();
    expect(world.logged.map((line) => line.split(' 0000')[0])).toEqual([
      'warn health of a card cannot be read',
      'warn the Level-Zero sidecar reports an error',
      'info health of the card can be read again',
      'info no error any more',
    ]);
  });

  it('waits 250 ms for a sidecar that hangs, and asks it no more while it does', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeLevelZero.start(world.socket);
    fake.behave('hang');
    const source = new LevelZeroHealth(world.socket, limits);
    const startMs = performance.now();
    expect(await world.state(source)).toBe('unknown');
    expect(performance.now() - startMs).toBeGreaterThan(240);
    await expect.poll(() => fake.calls.length).toBe(1);
    expect([await world.state(source), fake.calls.length]).toEqual(['unknown', 1]);
  });

  it('tells of other cards while the sidecar hangs on one', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeLevelZero.start(world.socket);
    fake.behave('hang', 'GetDeviceHealth', bdf);
    const source = new LevelZeroHealth(world.socket, limits, impatient);
    const states = async (): Promise<unknown> =>
      [...(await source.read([card, otherCard], world.signal)).values()].map(({ state }) => state);
    await expect.poll(states).toEqual(['unknown', 'good']);
  });

  it('has the devices looked at again when a late answer comes', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeLevelZero.start(world.socket);
    fake.behave('hang');
    const source = new LevelZeroHealth(world.socket, limits, impatient);
    const states: (string | undefined)[] = [];
    const scan = async (): Promise<void> => void states.push(await world.state(source));
    world.run(rescan({ everyMs: 3_600_000, watch: [] }, world.signal, scan));
    await expect.poll(() => states).toEqual(['unknown']);
    // The answer is that the sidecar is gone.
    fake.stop();
    await expect.poll(() => states).toEqual(['unknown', 'away']);
  });

  it('does not scan over and over because of answers that are late and say the same', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeLevelZero.start(world.socket);
    fake.delayMs = 400;
    const source = new LevelZeroHealth(world.socket, limits, impatient);
    const states: (string | undefined)[] = [];
    const scan = async (): Promise<void> => void states.push(await world.state(source));
    world.run(rescan({ everyMs: 3_600_000, watch: [] }, world.signal, scan));
    await expect.poll(() => states).toEqual(['unknown', 'good']);
    requestRescan();
    await expect.poll(() => states).toEqual(['unknown', 'good', 'unknown']);
    const asked = fake.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(states).toHaveLength(3);
    expect(fake.calls.length).toBeLessThanOrEqual(asked + 1);
    const retold = (): unknown => {
      requestRescan();
      return states.at(-1);
    };
    await expect.poll(retold).toBe('good');
  });

  it('stays away without an answer when it was away', async () => {
    await using world = await HealthWorld.create();
    const source = new LevelZeroHealth(world.socket, limits, impatient);
    await expect.poll(() => world.state(source)).toBe('away');
    await using fake = await FakeLevelZero.start(world.socket);
    fake.behave('hang');
    expect(await world.state(source)).toBe('away');
    expect(world.told('warn health source is away')).toBe(1);
  });

  it('ends at once, and says nothing, when the plugin ends', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeLevelZero.start(world.socket);
    fake.behave('hang');
    const controller = new AbortController();
    const reading = new LevelZeroHealth(world.socket, limits, patient).read([card], controller.signal);
    controller.abort();
    expect((await reading).get(card.name)?.state).toBe('away');
    expect(world.logged).toEqual([]);
  });
});
