// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { device, devices } from '../../test/devices.ts';
import { parsePrometheusText, type MetricFamily } from '../../test/prometheus-text.ts';
import { topologyOf } from '../device-tree.ts';
import { MetricsPage, pluginMetrics } from './metrics.ts';
import { Telemetry } from './telemetry.ts';

const info = { plugin: 'color-plugin', version: '1.2.3' };

async function families(telemetry: Telemetry): Promise<ReadonlyMap<string, MetricFamily>> {
  return parsePrometheusText(await new MetricsPage([telemetry], info).text());
}

function busyTelemetry(): Telemetry {
  const telemetry = new Telemetry();
  const topology = topologyOf([0, 1]);
  const withNuma = new Map([...devices('a', 'b!'), ['c', { ...device('c'), ...(topology && { topology }) }]]);
  telemetry.resourceChanged('example.com/card', { devices: withNuma, streamOpen: true });
  telemetry.resourceChanged('example.com/none', {});
  telemetry.leftOut = new Map([['example.com/none', new Map([['no id', 'its id is odd']])]]);
  telemetry.history.begin('example.com/card', withNuma, 1_700_000_000_500);
  telemetry.registrations.add({ resource: 'example.com/card', result: 'ok' });
  telemetry.failures.add({});
  telemetry.configReloads.add({ result: 'ok' });
  telemetry.listUpdates.add({ resource: 'example.com/card' }, 3);
  telemetry.allocations.add({ resource: 'example.com/card', result: 'error' });
  telemetry.hotplugEvents.add({ resource: 'example.com/card', action: 'add' }, 2);
  telemetry.allocateSeconds.observe({ resource: 'example.com/card' }, 0.0003);
  telemetry.updateSeconds.observe({ resource: 'example.com/card' }, 0.002);
  telemetry.scanFinished(20);
  telemetry.scanFailed(20, new Error('EIO'));
  return telemetry;
}

describe('MetricsPage', () => {
  it('is Prometheus text with every metric of the plugin and those of Node.js', async () => {
    const found = await families(busyTelemetry());
    for (const { name, type, help } of pluginMetrics([busyTelemetry()], info)) {
      expect(found.get(name)).toMatchObject({ type, help });
      expect(found.get(name)?.samples).not.toEqual([]);
    }
    expect(found.has('process_resident_memory_bytes')).toBe(true);
    expect(found.has('nodejs_eventloop_lag_seconds')).toBe(true);
  });

  it('shows what is counted', async () => {
    const found = await families(busyTelemetry());
    const samples = (name: string) => found.get(name)?.samples.map(({ labels, value }) => ({ ...labels, value }));
    expect(samples('device_plugin_info')).toEqual([{ plugin: 'color-plugin', version: '1.2.3', value: 1 }]);
    expect(samples('device_plugin_devices')).toEqual([
      { resource: 'example.com/card', health: 'Healthy', numa: 'none', value: 1 },
      { resource: 'example.com/card', health: 'Unhealthy', numa: 'none', value: 1 },
      { resource: 'example.com/card', health: 'Healthy', numa: '0,1', value: 1 },
    ]);
    expect(samples('device_plugin_device_health')).toEqual([
      { resource: 'example.com/card', device: 'b', reason: 'unknown', value: 1 },
    ]);
    expect(samples('device_plugin_device_transitions_total')).toEqual([
      { resource: 'example.com/card', to: 'unhealthy', value: 1 },
    ]);
    expect(samples('device_plugin_device_last_transition_timestamp_seconds')).toEqual([
      { resource: 'example.com/card', device: 'b', value: 1_700_000_000.5 },
    ]);
    expect(samples('device_plugin_devices_left_out')).toEqual([{ resource: 'example.com/none', value: 1 }]);
    expect(samples('device_plugin_stream_open')).toEqual([
      { resource: 'example.com/card', value: 1 },
      { resource: 'example.com/none', value: 0 },
    ]);
    expect(samples('device_plugin_listandwatch_updates_total')).toEqual([{ resource: 'example.com/card', value: 3 }]);
    expect(samples('device_plugin_allocations_total')).toEqual([
      { resource: 'example.com/card', result: 'error', value: 1 },
    ]);
    expect(samples('device_plugin_hotplug_events_total')).toEqual([
      { resource: 'example.com/card', action: 'add', value: 2 },
    ]);
    expect(samples('device_plugin_scan_errors_total')).toEqual([{ value: 1 }]);
  });

  it('tells the plugins of a process apart by a label, and of which none is up', async () => {
    const [first, second] = [new Telemetry('a-plugin'), new Telemetry('b-plugin')];
    for (const telemetry of [first, second]) telemetry.scanFinished(1);
    second.outage = 'it is being made';
    const found = parsePrometheusText(await new MetricsPage([first, second], info).text());
    const samples = (name: string) => found.get(name)?.samples.map(({ labels, value }) => ({ ...labels, value }));
    expect(samples('device_plugin_up')).toEqual([
      { plugin: 'a-plugin', value: 1 },
      { plugin: 'b-plugin', value: 0 },
    ]);
    expect(samples('device_plugin_info')).toEqual([
      { plugin: 'a-plugin', version: '1.2.3', value: 1 },
      { plugin: 'b-plugin', version: '1.2.3', value: 1 },
    ]);
    const counts = found.get('device_plugin_scan_duration_seconds')?.samples ?? [];
    expect(counts.filter(({ name }) => name.endsWith('_count')).map(({ labels }) => labels)).toEqual([
      { plugin: 'a-plugin' },
      { plugin: 'b-plugin' },
    ]);
  });

  it('tells why devices are unhealthy, of a hundred of a resource at most and always the same', async () => {
    const telemetry = new Telemetry();
    const ids = Array.from({ length: 150 }, (_, i) => String(i).padStart(3, '0'));
    const failing = (health: string) => ({ ...device('a!'), healthReason: `of ${health}` });
    telemetry.resourceChanged('example.com/card', {
      devices: new Map(ids.toReversed().map((id) => [id, failing('old age')])),
    });
    telemetry.resourceChanged('example.com/disk', { devices: new Map([['a', failing('heat')]]) });
    const found = (await families(telemetry)).get('device_plugin_device_health')?.samples.map(({ labels }) => labels);
    expect(found).toEqual([
      ...ids.slice(0, 100).map((id) => ({ resource: 'example.com/card', device: id, reason: 'of old age' })),
      { resource: 'example.com/disk', device: 'a', reason: 'of heat' },
    ]);
  });

  it('has whole histograms', async () => {
    const found = await families(busyTelemetry());
    for (const { name } of pluginMetrics([new Telemetry()], info).filter(({ type }) => type === 'histogram')) {
      const parts = found.get(name)?.samples ?? [];
      const buckets = parts.filter((sample) => sample.name === `${name}_bucket`);
      expect(buckets.at(-1)?.labels['le']).toBe('+Inf');
      expect(buckets.map(({ value }) => value)).toEqual(buckets.map(({ value }) => value).toSorted((a, b) => a - b));
      expect(parts.find((sample) => sample.name === `${name}_count`)?.value).toBe(buckets.at(-1)?.value);
      expect(parts.some((sample) => sample.name === `${name}_sum`)).toBe(true);
    }
  });

  it('tells the time of the last scan', async () => {
    const telemetry = new Telemetry();
    const beforeS = Date.now() / 1000;
    telemetry.scanFinished(1);
    const [sample] = (await families(telemetry)).get('device_plugin_last_scan_timestamp_seconds')?.samples ?? [];
    expect(sample?.value).toBeGreaterThan(beforeS - 5);
    expect(sample?.value).toBeLessThan(beforeS + 60);
  });

  it('says nothing of what has not happened yet', async () => {
    const found = await families(new Telemetry());
    expect(found.get('device_plugin_last_scan_timestamp_seconds')?.samples).toEqual([]);
    expect(found.get('device_plugin_allocations_total')?.samples).toEqual([]);
  });

  it('can be read whatever the labels hold', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', ' ', '}', ',', 'é') });
    const page = (telemetry: Telemetry) => families(telemetry);
    await fc.assert(
      fc.asyncProperty(text, async (resource) => {
        const telemetry = new Telemetry();
        telemetry.listUpdates.add({ resource });
        const [sample] = (await page(telemetry)).get('device_plugin_listandwatch_updates_total')?.samples ?? [];
        expect(sample).toMatchObject({ labels: { resource }, value: 1 });
      }),
      { numRuns: 30 },
    );
  });
});

describe('docs/reference/metrics.md', () => {
  it('describes every metric, with its type, labels and help, and no other', async () => {
    const page = await readFile(new URL('../../../../docs/reference/metrics.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `(device_plugin_\w+)` +\| (\w+) +\| (.*?) +\| (.*?) +\|$/gm)];
    const labelsOf = (labels: object): string =>
      Object.keys(labels)
        .filter((label) => label !== 'le')
        .map((label) => `\`${label}\``)
        .join(', ');
    expect(rows.map((row) => row.slice(1))).toEqual(
      pluginMetrics([busyTelemetry()], info).map(({ name, type, help, samples }) => [
        name,
        type,
        labelsOf(samples()[0]?.labels ?? {}) || '–',
        help,
      ]),
    );
  });
});
