// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { devices } from '../../test/devices.ts';
import type { Devices } from '../device-tree.ts';
import { deviceChanges } from './device-changes.ts';
import { logDeviceChanges, logInventory } from './device-log.ts';

const resource = 'example.com/card';

/** Severity and text of each line, without the header that holds time and place. */
function logged(tell: () => void): string[] {
  using log = new CapturedLog();
  tell();
  return log.lines.map((line) => `${line.charAt(0)} ${line.slice(line.indexOf('] ') + 2).trim()}`);
}

function changed(before: Devices, after: Devices): string[] {
  return logged(() => {
    logDeviceChanges(resource, deviceChanges(before, after), after);
  });
}

const because = (reasons: Readonly<Record<string, string>>): Devices =>
  new Map(
    Object.entries(reasons).map(
      ([id, healthReason]) => [id, { health: 'Unhealthy', healthReason, nodes: [] }] as const,
    ),
  );

const many = Array.from({ length: 11 }, (_, i) => `d${String(i).padStart(2, '0')}`);
const firstTen = JSON.stringify(many.slice(0, 10));

describe('logInventory()', () => {
  it.each<[string, Devices, string]>([
    ['no devices', devices(), 'count=0'],
    ['healthy ones', devices('a', 'b'), 'count=2'],
    [
      'unhealthy ones with their reasons',
      new Map([...devices('a', 'b!'), ...because({ c: 'no link' })]),
      'count=3 unhealthy=2 first={"b":"unknown","c":"no link"}',
    ],
  ])('tells of %s in one line', (_what, found, text) => {
    expect(
      logged(() => {
        logInventory(resource, found);
      }),
    ).toEqual([`I "found devices" resource="example.com/card" ${text}`]);
  });

  it('names no more than ten', () => {
    const [line = ''] = logged(() => {
      logInventory(resource, devices(...many.map((id) => `${id}!`)));
    });
    expect(line).toContain('unhealthy=11');
    expect(line).toContain('"d09":"unknown"}');
  });
});

describe('logDeviceChanges()', () => {
  it('has a line for each device, and nothing to say when nothing changed', () => {
    const before = devices('gone', 'ill!', 'well', 'same', 'bad!');
    const after = new Map([...devices('new', 'ill', 'same', 'bad!'), ...because({ well: 'no "link"' })]);
    expect(changed(before, after)).toEqual([
      'I "device added" resource="example.com/card" id="new"',
      'I "device removed" resource="example.com/card" id="gone"',
      'I "device is healthy again" resource="example.com/card" id="ill"',
      String.raw`W "device is unhealthy" resource="example.com/card" id="well" reason="no \"link\""`,
    ]);
    expect(changed(after, after)).toEqual([]);
  });

  it('says so when there is no reason', () => {
    expect(changed(devices('a'), devices('a!'))).toEqual([
      'W "device is unhealthy" resource="example.com/card" id="a" reason="unknown"',
    ]);
  });

  it.each<[string, Devices, Devices, string]>([
    ['added', devices(), devices(...many), `I "devices added" resource="example.com/card" count=11 first=${firstTen}`],
    [
      'removed',
      devices(...many),
      devices(),
      `I "devices removed" resource="example.com/card" count=11 first=${firstTen}`,
    ],
    [
      'recovered',
      devices(...many.map((id) => `${id}!`)),
      devices(...many),
      `I "devices are healthy again" resource="example.com/card" count=11 first=${firstTen}`,
    ],
    [
      'failed',
      devices(...many),
      because(Object.fromEntries(many.map((id) => [id, 'hot']))),
      `W "devices are unhealthy" resource="example.com/card" count=11 first=${JSON.stringify(Object.fromEntries(many.slice(0, 10).map((id) => [id, 'hot'])))}`,
    ],
  ])('has one line for more than ten that were %s', (_what, before, after, line) => {
    expect(changed(before, after)).toEqual([line]);
  });

  it('has ten lines for ten', () => {
    expect(changed(devices(), devices(...many.slice(1)))).toHaveLength(10);
  });
});
