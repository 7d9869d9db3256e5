// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { busyTelemetry } from '../../../test/busy-telemetry.ts';
import { devices } from '../../../test/devices.ts';
import type { DeviceUsers } from '../../rpc/device-users.ts';
import { Telemetry } from '../telemetry.ts';
import { makeStatus } from './make-status.ts';
import type { ResourceStatus, Status } from './status.ts';

const info = { plugin: 'gpu-plugin', version: '1.2.3' };
const unixMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const noUsers: DeviceUsers = new Map();

function statusOf(
  telemetry: Telemetry | readonly Telemetry[],
  query: { resource?: string; page?: number } = {},
  users: DeviceUsers | string = noUsers,
): Status {
  const telemetries = telemetry instanceof Telemetry ? [telemetry] : telemetry;
  const now = { monotonicMs: performance.now(), unixMs };
  return makeStatus(
    { telemetries, info, scanPeriodMs: 5_000 },
    { resource: query.resource, page: query.page ?? 1 },
    users,
    now,
  );
}

function resourcesOf(status: Status): readonly ResourceStatus[] {
  return status.plugins.flatMap(({ resources }) => resources);
}

describe('makeStatus()', () => {
  it('says everything of a plugin', () => {
    const users = new Map([
      ['gpu.intel.com/i915', new Map([['card1-0', [{ namespace: 'n', pod: 'p', container: 'c' }]]])],
    ]);
    const status = statusOf(busyTelemetry(undefined, unixMs), {}, users);
    expect(status).toMatchObject({
      format: 1,
      program: 'gpu-plugin',
      version: '1.2.3',
      madeAt: '2026-01-02T03:04:05.000Z',
      ready: false,
    });
    expect(status).not.toHaveProperty('usersUnknown');
    expect(Date.parse(status.startedAt)).toBeLessThan(unixMs);
    const [plugin] = status.plugins;
    expect(plugin).toMatchObject({
      name: 'gpu-plugin',
      ready: false,
      lines: [expect.any(String), expect.any(String), 'ok scan'].toReversed(),
    });
    const [region, cards] = resourcesOf(status);
    expect(region).toMatchObject({
      deviceCount: 1,
      unhealthyCount: 0,
      problem: expect.stringMatching(/^waiting for/) as string,
    });
    expect(cards).toMatchObject({
      name: 'gpu.intel.com/i915',
      registrations: { ok: 1, error: 0 },
      allocations: { ok: 31, error: 2 },
      deviceCount: 14,
      unhealthyCount: 2,
      pageCount: 1,
      leftOutCount: 1,
      leftOut: [{ id: 'an id', reason: 'its id has a character that is not printable ASCII' }],
      gone: [{ id: 'card14-0', history: [{ to: 'removed', at: '2026-01-02T03:03:35.000Z' }] }],
    });
    expect(cards).not.toHaveProperty('problem');
    expect(cards?.devices[0]).toEqual({
      id: 'card12-0',
      health: 'Unhealthy',
      reason: expect.stringMatching(/^the temperature/) as string,
      numa: [0],
      nodes: ['/dev/dri/card12-0'],
      users: [],
      history: [
        { to: 'unhealthy', at: '2026-01-02T03:02:30.000Z', reason: expect.stringMatching(/^the temp/) as string },
      ],
    });
    expect(cards?.devices.find(({ id }) => id === 'card1-0')).toMatchObject({
      users: [{ namespace: 'n', pod: 'p', container: 'c' }],
      history: [],
    });
  });

  it('says why nothing is known of pods, and then nothing of them', () => {
    const status = statusOf(busyTelemetry(), {}, 'there is no socket');
    expect(status.usersUnknown).toBe('there is no socket');
    for (const device of resourcesOf(status).flatMap((resource) => resource.devices))
      expect(device).not.toHaveProperty('users');
  });

  it('has the plugins of a process one by one', () => {
    const second = new Telemetry('b-plugin');
    second.outage = 'it is being made';
    const status = statusOf([busyTelemetry('a-plugin'), second]);
    expect(status.plugins.map(({ name, ready }) => ({ name, ready }))).toEqual([
      { name: 'a-plugin', ready: false },
      { name: 'b-plugin', ready: false },
    ]);
    expect(status.plugins[1]).toEqual({
      name: 'b-plugin',
      ready: false,
      lines: ['not ready b-plugin plugin: it is being made'],
      resources: [],
    });
  });

  it('is ready when all is well, and says what the last scan failed with when it did', () => {
    const telemetry = new Telemetry();
    telemetry.scanFinished(1);
    telemetry.resourceChanged('a/b', { devices: devices('x'), registered: true, streamOpen: true });
    expect(statusOf(telemetry)).toMatchObject({ ready: true });
    telemetry.scanFailed(1, new Error('EIO'));
    expect(statusOf(telemetry)).toMatchObject({ ready: false, plugins: [{ lastScan: { error: 'EIO' } }] });
  });

  it('cuts many devices into pages, of which one resource has all', () => {
    const telemetry = new Telemetry();
    const ids = Array.from({ length: 1_200 }, (_, index) => `d${index}`);
    telemetry.resourceChanged('a/many', { devices: devices(...ids, 'last!') });
    telemetry.resourceChanged('a/few', { devices: devices('x') });
    const [few, many] = resourcesOf(statusOf(telemetry));
    expect(few?.devices).toHaveLength(1);
    expect(many).toMatchObject({ deviceCount: 1_201, unhealthyCount: 1, pageCount: 3 });
    expect(many).not.toHaveProperty('page');
    expect(many?.devices.map(({ id }) => id)).toEqual(['last', ...ids.slice(0, 499)]);
    const pages = [1, 2, 3].flatMap((page) => resourcesOf(statusOf(telemetry, { resource: 'a/many', page })));
    expect(pages.flatMap((page) => page.devices.map(({ id }) => id))).toEqual(['last', ...ids]);
    expect(resourcesOf(statusOf(telemetry, { resource: 'a/many', page: 99 }))).toMatchObject([{ page: 3 }]);
    expect(resourcesOf(statusOf(telemetry, { resource: 'a/none' }))).toEqual([]);
  });

  it('shows some devices of each of very many resources', () => {
    const telemetry = new Telemetry();
    for (let i = 0; i < 200; i += 1)
      telemetry.resourceChanged(`a/r${i}`, { devices: devices(...Array.from({ length: 20 }, (_, d) => `d${d}`)) });
    expect(new Set(resourcesOf(statusOf(telemetry)).map((resource) => resource.devices.length))).toEqual(new Set([10]));
  });

  it('tells of a resource of which every device is left out, or gone, and cuts what is long', () => {
    const telemetry = new Telemetry();
    telemetry.leftOut = new Map([
      ['a/left', new Map(Array.from({ length: 150 }, (_, i) => [`${i}${'x'.repeat(1_000)}`, 'too long']))],
    ]);
    telemetry.history.add(
      'a/gone',
      { added: [], removed: ['d'], recovered: [], failed: [] },
      new Map(),
      unixMs - 3_599_000,
    );
    telemetry.history.add(
      'a/long-gone',
      { added: [], removed: ['d'], recovered: [], failed: [] },
      new Map(),
      unixMs - 3_601_000,
    );
    const [gone, left, ...others] = resourcesOf(statusOf(telemetry));
    expect(others).toEqual([]);
    expect(gone).toMatchObject({
      name: 'a/gone',
      deviceCount: 0,
      gone: [{ id: 'd' }],
      problem: expect.stringMatching(/not served/) as string,
    });
    expect(left).toMatchObject({ name: 'a/left', leftOutCount: 150 });
    expect(left?.leftOut).toHaveLength(100);
    expect(left?.leftOut[0]?.id).toHaveLength(501);
  });
});
