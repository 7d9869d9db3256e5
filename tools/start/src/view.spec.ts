// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coloured, plain } from '@kube-device-plugins/terminal';
import type { DeviceRow } from './table.ts';
import { eventText, lastFirstRow, viewLines, type View } from './view.ts';

function rows(number: number): DeviceRow[] {
  return Array.from({ length: number }, (_, index) => ({
    resource: 'host.example.com/loop',
    id: `loop${index}`,
    health: 'Healthy',
    numaNodes: [],
    hostNodes: [`/dev/loop${index}`],
  }));
}

function view(overrides: Partial<View> = {}): View {
  return {
    heading: ['what runs where'],
    rows: rows(2),
    events: [{ atMs: 1_234, text: 'listed', isBad: false }],
    warnings: [],
    startedMs: 1_000,
    keys: 'q quit',
    firstRow: 0,
    ...overrides,
  };
}

describe('viewLines()', () => {
  it('shows heading, table, events and keys', () => {
    expect(viewLines(view(), { columns: 80, rows: 24 }, plain)).toEqual([
      'what runs where',
      '',
      'RESOURCE               DEVICE ID  HEALTH   NUMA NODE  HOST NODES  ALLOCATED TO',
      'host.example.com/loop  loop0      Healthy  -          /dev/loop0  -',
      'host.example.com/loop  loop1      Healthy  -          /dev/loop1  -',
      '',
      '+0.2 s    listed',
      '',
      'q quit',
    ]);
  });

  it('keeps the last warnings that other events have pushed off', () => {
    const warnings = ['a', 'b', 'c', 'd', 'e'].map((text) => ({ atMs: 1_000, text, isBad: true }));
    const events = Array.from({ length: 9 }, (_, index) => ({ atMs: 2_000, text: `event ${index}`, isBad: false }));
    const shown = (height: number, seen = view({ warnings, events: [...warnings, ...events] })) =>
      viewLines(seen, { columns: 80, rows: height }, plain)
        .filter((line) => line.startsWith('+'))
        .map((line) => line.slice(10));
    expect(shown(24)).toEqual(['c', 'd', 'e', 'event 6', 'event 7', 'event 8']);
    expect(shown(12)).toEqual(['e', 'event 7', 'event 8']);
    expect(shown(7)).toEqual(['event 8']);
    expect(shown(24, view({ warnings, events: warnings }))).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('says how many devices have no room', () => {
    const lines = viewLines(view({ rows: rows(20) }), { columns: 80, rows: 12 }, plain);
    expect(lines).toHaveLength(12);
    expect(lines.slice(3, 8)).toEqual([
      expect.stringContaining('loop0') as unknown,
      expect.stringContaining('loop1') as unknown,
      expect.stringContaining('loop2') as unknown,
      expect.stringContaining('loop3') as unknown,
      '… and 16 of 20 devices more (arrow keys scroll)',
    ]);
  });

  it('scrolls, and no further than the last row', () => {
    const long = view({ rows: rows(20) });
    const size = { columns: 80, rows: 12 };
    expect(lastFirstRow(long, size)).toBe(16);
    const lines = viewLines({ ...long, firstRow: 1_000 }, size, plain);
    expect(lines[3]).toContain('loop16');
    expect(lines[6]).toContain('loop19');
  });

  it('does not scroll a table that fits', () => {
    expect(lastFirstRow(view(), { columns: 80, rows: 24 })).toBe(0);
  });

  it('shows the last events only', () => {
    const events = Array.from({ length: 50 }, (_, index) => ({ atMs: 0, text: `event ${index}`, isBad: false }));
    const lines = viewLines(view({ events }), { columns: 80, rows: 40 }, plain);
    expect(lines.filter((line) => line.includes('event'))).toHaveLength(8);
    expect(lines.at(-3)).toContain('event 49');
  });

  it('paints a bad event red', () => {
    const lines = viewLines(
      view({ events: [{ atMs: 1_000, text: 'gone', isBad: true }] }),
      { columns: 80, rows: 24 },
      coloured,
    );
    expect(lines.at(-3)).toBe('\x1b[31m+0.0 s    gone\x1b[39m');
  });

  it('fits on every terminal', () => {
    const anyView = fc.record({
      heading: fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }),
      rows: fc.nat(60).map(rows),
      events: fc.array(fc.record({ atMs: fc.nat(), text: fc.string({ unit: 'binary' }), isBad: fc.boolean() }), {
        maxLength: 12,
      }),
      warnings: fc.nat(5).map((number) => Array.from({ length: number }, () => ({ atMs: 1, text: 'no', isBad: true }))),
      startedMs: fc.constant(0),
      keys: fc.string({ unit: 'binary' }),
      firstRow: fc.nat(80),
    });
    const anySize = fc.record({ columns: fc.nat(120), rows: fc.nat(50) });
    fc.assert(
      fc.property(anyView, anySize, (anything, size) => {
        const lines = viewLines(anything, size, plain);
        expect(lines.length).toBeLessThanOrEqual(size.rows);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(size.columns);
      }),
    );
  });

  it('shows every device at some scroll position of a terminal that is high enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 12, max: 50 }), (number, height) => {
        const size = { columns: 120, rows: height };
        const warning = { atMs: 1, text: 'no', isBad: true };
        const long = view({ rows: rows(number), warnings: [warning, warning, warning] });
        const seen = new Set<string>();
        for (let firstRow = 0; firstRow <= lastFirstRow(long, size); firstRow += 1) {
          const shown = viewLines({ ...long, firstRow }, size, plain);
          expect(shown.at(-1)).toBe('q quit');
          for (const id of shown.join('\n').matchAll(/ (loop\d+) /g)) seen.add(id[1] ?? '');
        }
        expect(seen.size).toBe(number);
      }),
    );
  });
});

describe('eventText()', () => {
  it.each([
    [0, '+0.0 s    what'],
    [61_250, '+61.3 s   what'],
  ])('writes an event %i ms after the start', (atMs, expected) => {
    expect(eventText({ atMs, text: 'what', isBad: false }, 0)).toBe(expected);
  });

  it('escapes what could move the cursor', () => {
    expect(eventText({ atMs: 0, text: '\x1b[2J', isBad: false }, 0)).toBe('+0.0 s    \\u{1b}[2J');
  });
});
