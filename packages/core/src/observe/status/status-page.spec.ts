// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { busyTelemetry } from '../../../test/busy-telemetry.ts';
import { device, devices } from '../../../test/devices.ts';
import { Telemetry } from '../telemetry.ts';
import { makeStatus } from './make-status.ts';
import { statusPage } from './status-page.ts';

const info = { plugin: 'gpu-plugin', version: '1.2.3' };

function pageOf(
  telemetries: readonly Telemetry[],
  query: { resource?: string; page?: number; refreshS?: number } = {},
  users = 'nobody knows',
): string {
  const { resource, page = 1, refreshS } = query;
  const now = { monotonicMs: performance.now(), unixMs: Date.now() };
  return statusPage(makeStatus({ telemetries, info, scanPeriodMs: 5_000 }, { resource, page }, users, now), {
    resource,
    refreshS,
  });
}

/** What a person reads, without layout. */
function textOf(page: string): string {
  return page
    .replace(/<style>[^]*<\/style>/, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

describe('statusPage()', () => {
  it('says what is ready, what is not and why, and what became of devices', () => {
    const text = textOf(pageOf([busyTelemetry()]));
    for (const part of [
      'gpu-plugin not ready',
      'Version 1.2.3',
      'gpu.intel.com/i915 ready',
      'Waiting for the kubelet',
      '2 unhealthy',
      'no answer from the firmware',
      '12 healthy',
      '1 left out',
      'an id',
      '1 removed within the last hour',
      'unhealthy 1 min ago',
      '31, and 2 failed',
      'is not shown: nobody knows',
    ])
      expect(text).toContain(part);
  });

  it('has a part for each of several plugins', () => {
    const down = new Telemetry('b-plugin');
    down.outage = 'it ended, next start in 8 s';
    const page = pageOf([busyTelemetry('a-plugin'), down]);
    expect([...page.matchAll(/<h2>(\S+)/g)].map(([, name]) => name)).toEqual(['a-plugin', 'b-plugin']);
    expect(textOf(page)).toContain('Plugin: it ended, next start in 8 s');
  });

  it('has headings without gaps, one main part, and tables that say what they are', () => {
    const page = pageOf([busyTelemetry('a-plugin'), busyTelemetry('b-plugin')]);
    const levels = [...page.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => Number(level));
    expect(levels[0]).toBe(1);
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
    for (const landmark of ['header', 'main', 'footer']) expect(page.split(`<${landmark}>`)).toHaveLength(2);
    const tables = page.match(/<table [^>]*>/g) ?? [];
    expect(tables.length).toBeGreaterThan(2);
    for (const table of tables) expect(table).toMatch(/aria-label="[^"]+"/);
    expect(page).toContain('<html lang="en">');
  });

  it('opens and closes each of its elements', () => {
    const open: string[] = [];
    for (const [, close, name = '', end] of pageOf([busyTelemetry()]).matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/g)) {
      if (close === '/') expect(open.pop()).toBe(name);
      else if (end !== '/') open.push(name);
    }
    expect(open).toEqual([]);
  });

  it('comes again by itself only where that is asked for', () => {
    expect(pageOf([new Telemetry()])).not.toContain('http-equiv');
    const page = pageOf([busyTelemetry()], { resource: 'gpu.intel.com/i915', refreshS: 5 });
    expect(page).toContain('<meta http-equiv="refresh" content="5" />');
    expect(page).toContain('href="?resource&#61;gpu.intel.com%2Fi915"');
    expect(page).toContain('href="?refresh&#61;5"');
  });

  it('says that there is nothing where there is nothing', () => {
    expect(textOf(pageOf([new Telemetry()]))).toContain('Scan: the first scan has not ended yet');
    const scanned = new Telemetry();
    scanned.scanFinished(1);
    expect(textOf(pageOf([scanned]))).toContain('No devices were found.');
    expect(textOf(pageOf([busyTelemetry()], { resource: '<b>' }))).toContain('There is no resource &#60;b&#62;.');
    const several = pageOf([busyTelemetry('a-plugin'), new Telemetry('b-plugin')], { resource: 'gpu.intel.com/i915' });
    expect([...several.matchAll(/<h2>(\S+)/g)].map(([, name]) => name)).toEqual(['a-plugin']);
  });

  it('says what it leaves out of many devices, and leads to the rest', () => {
    const telemetry = new Telemetry();
    telemetry.resourceChanged('a/b', { devices: devices(...Array.from({ length: 2_100 }, (_, i) => `d${i}`)) });
    expect(textOf(pageOf([telemetry]))).toContain('Of 2100 devices this page shows 1000');
    const second = pageOf([telemetry], { resource: 'a/b', page: 2 });
    expect(textOf(second)).toContain('Of 2100 devices page 2 of 5 shows 500');
    expect(pageOf([telemetry])).not.toContain('<details class="group" open>');
    expect(second).toContain('<details class="group" open>');
    expect(pageOf([telemetry])).toContain('href="?resource&#61;a%2Fb&#38;page&#61;1"');
    for (const page of [1, 3]) expect(second).toContain(`href="?resource&#61;a%2Fb&#38;page&#61;${page}"`);
  });

  it('holds no markup but its own, whatever devices are called and fail of', () => {
    const nasty = fc.string({
      unit: fc.constantFrom('<', '>', '"', "'", '&', '/', 'script', ' ', '-->', '\n', 'x', '='),
    });
    const tags = (page: string): readonly string[] => [...page.matchAll(/<\/?[a-z]+/g)].map(([tag]) => tag);
    const withTexts = (text: string, at: number): string => {
      const telemetry = new Telemetry();
      const failing = { ...device(text), health: 'Unhealthy', healthReason: text, nodes: [] } as const;
      const found = new Map([[`0${text}`, failing]]);
      telemetry.resourceChanged(text, { devices: found, problem: text });
      telemetry.history.begin(text, found, at);
      telemetry.leftOut = new Map([[text, new Map([[text, text]])]]);
      return pageOf([telemetry], {}, text);
    };
    const expected = tags(withTexts('harmless', Date.now()));
    fc.assert(
      fc.property(nasty, (text) => {
        expect(tags(withTexts(text, Date.now()))).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });
});
