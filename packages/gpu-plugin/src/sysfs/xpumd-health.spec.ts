// SPDX-License-Identifier: Apache-2.0
import { rescan } from '@kube-device-plugins/core';
import { FakeXpumd, type XpumdSeverity } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { bdf, card, HealthWorld, otherCard, unplacedCard } from '../../test/health-world.ts';
import { XpumdHealth, type XpumdPatience } from './xpumd-health.ts';

const quick: XpumdPatience = { backoff: { firstMs: 20, maxMs: 40 }, firstMessageMs: 60_000 };

describe('XpumdHealth', () => {
  it.each<[string, XpumdSeverity, string]>([
    ['A-G50', 'OK', 'good'],
    ['A-G51', 'WARNING', 'bad'],
    ['A-G52', 'CRITICAL', 'bad'],
    ['FAILED', 'FAILED', 'bad'],
  ])('%s: a card that is %s is %s', async (_id, severity, state) => {
    await using world = await HealthWorld.create();
    await using fake = await FakeXpumd.start(world.socket);
    fake.setHealth(bdf, severity);
    const source = world.follow(new XpumdHealth(world.socket));
    await expect.poll(() => world.state(source)).toBe(state);
  });

  it('A-G53: knows nothing before xpumd tells of a card', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeXpumd.start(world.socket);
    const source = world.follow(new XpumdHealth(world.socket));
    expect(await world.state(source)).toBe('unknown');
    await expect.poll(() => fake.openStreams).toBe(1);
    fake.setHealth(otherCard.bdf ?? '', 'CRITICAL');
    fake.push([{ info: undefined, health: [] }]);
    const states = async (): Promise<unknown> =>
      [...(await source.read([card, otherCard, unplacedCard])).values()].map(({ state }) => state);
    await expect.poll(states).toEqual(['unknown', 'bad', 'unknown']);
  });

  it('keeps what earlier messages of a stream said of other cards', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeXpumd.start(world.socket);
    const source = world.follow(new XpumdHealth(world.socket));
    await expect.poll(() => fake.openStreams).toBe(1);
    fake.setHealth(bdf, 'CRITICAL');
    await expect.poll(() => world.state(source)).toBe('bad');
    fake.setHealth(otherCard.bdf ?? '', 'OK');
    await expect.poll(async () => (await source.read([otherCard])).get('card1')?.state).toBe('good');
    expect(await world.state(source)).toBe('bad');
  });

  it.each<[string, (fake: FakeXpumd) => Promise<void> | void]>([
    ['ends the stream', (fake) => fake.endStreams('ok')],
    ['ends the stream with a status', (fake) => fake.endStreams('unavailable')],
    ['ends the stream with another status', (fake) => fake.endStreams('internal')],
    [
      'says more than 4 MiB at once',
      (fake) =>
        fake.push([{ info: undefined, health: [{ name: 'x'.repeat(5 << 20), severity: 1, reason: '', message: '' }] }]),
    ],
    [
      'is started again',
      async (fake) => {
        fake.stop();
        await fake.start();
      },
    ],
  ])('opens a new stream, over and over, when xpumd %s', async (_what, trouble) => {
    await using world = await HealthWorld.create();
    await using fake = await FakeXpumd.start(world.socket);
    const source = world.follow(new XpumdHealth(world.socket, quick));
    for (const [round, severity] of (['OK', 'CRITICAL', 'OK', 'CRITICAL'] as const).entries()) {
      await expect.poll(() => fake.openStreams).toBe(1);
      fake.setHealth(bdf, severity);
      await expect.poll(() => world.state(source)).toBe(severity === 'OK' ? 'good' : 'bad');
      const { streamsOpened } = fake;
      await trouble(fake);
      await expect.poll(() => fake.streamsOpened).toBeGreaterThan(streamsOpened);
      expect(world.told('warn health source is away')).toBe(round + 1);
    }
  });

  it('asks for ever, and says once that xpumd is away and once that it is back', async () => {
    await using world = await HealthWorld.create();
    const source = world.follow(new XpumdHealth(world.socket, quick));
    await expect.poll(() => world.state(source)).toBe('away');
    await using fake = await FakeXpumd.start(world.socket);
    for (const behaviour of ['fail', 'end'] as const) {
      fake.behaviour = behaviour;
      const before = fake.streamsOpened;
      await expect.poll(() => fake.streamsOpened).toBeGreaterThan(before + 3);
      expect(await world.state(source)).toBe('away');
    }
    fake.behaviour = 'answer';
    fake.setHealth(bdf, 'OK');
    await expect.poll(() => world.state(source)).toBe('good');
    expect(world.logged).toEqual([
      expect.stringMatching(/^warn health source is away /),
      `info health source is back ${world.socket}`,
    ]);
  });

  it('takes xpumd for away when it accepts the stream and says nothing, until it does', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeXpumd.start(world.socket);
    const source = world.follow(new XpumdHealth(world.socket, { ...quick, firstMessageMs: 30 }));
    await expect.poll(() => world.state(source)).toBe('away');
    expect(fake.streamsOpened).toBe(1);
    fake.setHealth(bdf, 'OK');
    await expect.poll(() => world.state(source)).toBe('good');
    expect(fake.streamsOpened).toBe(1);
    expect(world.logged[0]).toMatch(/no message within 0\.03 s/);
  });

  it('forgets what an earlier xpumd said as soon as the new one says something', async () => {
    await using world = await HealthWorld.create();
    await using first = await FakeXpumd.start(world.socket);
    first.setHealth(bdf, 'CRITICAL');
    const source = world.follow(new XpumdHealth(world.socket, quick));
    await expect.poll(() => world.state(source)).toBe('bad');
    first.stop();
    await using second = await FakeXpumd.start(world.socket);
    second.setHealth(otherCard.bdf ?? '', 'OK');
    await expect.poll(() => world.state(source)).toBe('unknown');
  });

  it('has the devices looked at when something changes, and only then', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeXpumd.start(world.socket);
    fake.setHealth(bdf, 'OK');
    const source = new XpumdHealth(world.socket, quick);
    const states: (string | undefined)[] = [];
    const scan = async (): Promise<void> => void states.push(await world.state(source));
    world.run(rescan({ everyMs: 3_600_000, watch: [] }, world.signal, scan));
    world.follow(source);
    await expect.poll(() => states).toEqual(['unknown', 'good']);
    for (let repeat = 0; repeat < 5; repeat += 1) fake.setHealth(bdf, 'OK');
    for (const celsius of [91, 92, 93])
      fake.setHealth(bdf, [{ name: 'memory', severity: 'CRITICAL', reason: `at ${celsius} °C` }]);
    await expect.poll(() => states).toEqual(['unknown', 'good', 'bad']);
    fake.setHealth(bdf, 'OK');
    await expect.poll(() => states).toEqual(['unknown', 'good', 'bad', 'good']);
  });

  it('refuses to remember more cards than a node can have', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeXpumd.start(world.socket);
    const source = world.follow(new XpumdHealth(world.socket, quick));
    await expect.poll(() => fake.openStreams).toBe(1);
    const devices = Array.from({ length: 5000 }, (_, index) => ({
      info: { uuid: '', model: '', pci: { bdf: `${index.toString(16).padStart(4, '0')}:00:00.0` } },
      health: [],
    }));
    fake.push(devices);
    await expect.poll(() => world.state(source)).toBe('away');
    expect(world.logged[0]).toContain('more than 4096 cards');
  });

  it('ends at once when the plugin ends', async () => {
    await using world = await HealthWorld.create();
    const controller = new AbortController();
    const following = new XpumdHealth(world.socket).follow(controller.signal);
    controller.abort();
    await following;
    expect(world.logged).toEqual([]);
  });
});
