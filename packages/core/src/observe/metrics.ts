// SPDX-License-Identifier: Apache-2.0
// Loaded when the first scrape comes: the client library takes 20 ms and 3 MiB that a plugin nobody scrapes need not have.
import { collectDefaultMetrics, Registry, type Metric } from '@prometheus-io/client';
import type { DeviceInfo, Devices } from '../device-tree.ts';
import type { Sample } from './measures.ts';
import type { Telemetry } from './telemetry.ts';

/** The name and version that the `info` metric carries. Of several plugins in one process each has its own name there. */
export interface ProgramInfo {
  readonly plugin: string;
  readonly version: string;
}

/** Prints everything as Prometheus text. */
export class MetricsPage {
  readonly #registry = new Registry();

  constructor(telemetries: readonly Telemetry[], info: ProgramInfo) {
    for (const metric of pluginMetrics(telemetries, info)) this.#register(metric);
    // The library samples the event loop on timers; its defaults of 10 and 100 ms would take more CPU than the plugin does.
    collectDefaultMetrics({
      register: this.#registry,
      eventLoopMonitoringPrecision: loopSamplePeriodMs,
      eventLoopUtilizationTimeout: loopSamplePeriodMs,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** A registry takes anything that it can ask for values; ours are counted elsewhere, so they are read and not kept twice. */
  #register({ name, help, type, samples }: PluginMetric): void {
    const values = (): object[] =>
      samples().map(({ suffix, labels, value }) => ({ metricName: name + (suffix ?? ''), labels, value }));
    const metric = {
      name,
      help,
      type,
      get: () => Promise.resolve({ name, help, type, values: values(), aggregator: 'sum' }),
    };
    this.#registry.registerMetric(metric as unknown as Metric);
  }
}

const loopSamplePeriodMs = 10_000;

interface PluginMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: () => Sample[];
}

/**
 * docs/reference/metrics.md lists them; a test compares the two.
 * Where the process has several plugins, the label `plugin` tells which.
 */
export function pluginMetrics(telemetries: readonly Telemetry[], program: ProgramInfo): PluginMetric[] {
  return metricTable(program).map(({ source, ...metric }) => ({
    ...metric,
    samples: () => telemetries.flatMap((telemetry) => samplesOf(telemetry, source)),
  }));
}

function samplesOf(telemetry: Telemetry, source: Source): Sample[] {
  const found = source(telemetry);
  const samples = Array.isArray(found) ? found : found.samples();
  const { plugin } = telemetry;
  return plugin === undefined
    ? samples
    : samples.map((sample) => ({ ...sample, labels: { plugin, ...sample.labels } }));
}

function metricTable(program: ProgramInfo): MetricRow[] {
  return [
    metric('info', 'gauge', 'Always 1; tells the plugin and its version.', ({ plugin = program.plugin }) => [
      { labels: { plugin, version: program.version }, value: 1 },
    ]),
    metric('up', 'gauge', '0 while the plugin is down and others in its process go on.', ({ outage }) => [
      { labels: {}, value: Number(outage === undefined) },
    ]),
    metric('failures_total', 'counter', 'Ends of the plugin that its process outlived.', (of) => of.failures),
    ...deviceMetrics(),
    metric('stream_open', 'gauge', '1 while the kubelet listens to the resource.', streams),
    metric('registrations_total', 'counter', 'Registrations with the kubelet by result.', (of) => of.registrations),
    metric('listandwatch_updates_total', 'counter', 'Lists of devices sent.', (of) => of.listUpdates),
    metric(
      'update_latency_seconds',
      'histogram',
      'From a changed inventory to the list having left.',
      (of) => of.updateSeconds,
    ),
    metric('allocations_total', 'counter', 'Allocate calls by result.', (of) => of.allocations),
    metric('allocate_duration_seconds', 'histogram', 'Time to answer Allocate.', (of) => of.allocateSeconds),
    metric(
      'hotplug_events_total',
      'counter',
      'Devices that came or went after the first scan.',
      (of) => of.hotplugEvents,
    ),
    metric('scan_duration_seconds', 'histogram', 'Time of a scan.', (of) => of.scanSeconds),
    metric('scan_errors_total', 'counter', 'Scans that failed; the last list stays published.', (of) => of.scanErrors),
    metric(
      'config_reloads_total',
      'counter',
      'Changes of the configuration by result; with `error` the one before stays.',
      (of) => of.configReloads,
    ),
    metric('last_scan_timestamp_seconds', 'gauge', 'When the last scan ended, in Unix time.', lastScan),
  ];
}

function deviceMetrics(): MetricRow[] {
  return [
    metric('devices', 'gauge', 'Devices by resource, health and NUMA nodes.', deviceCounts),
    metric('device_health', 'gauge', '1 for each unhealthy device; 100 of a resource at most.', unhealthyDevices),
    metric(
      'device_transitions_total',
      'counter',
      'Devices that came, went, failed or recovered after the first scan, and those that had failed by then.',
      (of) => of.history.counts,
    ),
    metric(
      'device_last_transition_timestamp_seconds',
      'gauge',
      'When an unhealthy device changed last, in Unix time; 100 of a resource at most.',
      lastTransitions,
    ),
    metric('devices_left_out', 'gauge', 'Devices that no kubelet would take; the log names them.', leftOutCounts),
  ];
}

/** Where a metric has its samples of one plugin from. */
type Source = (telemetry: Telemetry) => Sample[] | { samples(): Sample[] };

type MetricRow = Omit<PluginMetric, 'samples'> & { readonly source: Source };

function metric(name: string, type: PluginMetric['type'], help: string, source: Source): MetricRow {
  return { name: `device_plugin_${name}`, type, help, source };
}

function deviceCounts(telemetry: Telemetry): Sample[] {
  const counts = new Map<string, Sample>();
  for (const [resource, { devices }] of telemetry.resources) {
    for (const { health, topology } of devices.values()) {
      const numa = topology?.nodes.map(({ ID }) => ID).join(',') ?? 'none';
      const key = `${resource} ${health} ${numa}`;
      counts.set(key, { labels: { resource, health, numa }, value: (counts.get(key)?.value ?? 0) + 1 });
    }
  }
  return [...counts.values()];
}

function unhealthyDevices({ resources }: Telemetry): Sample[] {
  return [...resources].flatMap(([resource, { devices }]) =>
    unhealthyOf(devices).map(([device, { healthReason: reason = 'unknown' }]) => ({
      labels: { resource, device, reason },
      value: 1,
    })),
  );
}

function lastTransitions({ resources, history }: Telemetry): Sample[] {
  return [...resources].flatMap(([resource, { devices }]) =>
    unhealthyOf(devices).flatMap(([device]) => {
      const last = history.last(resource, device);
      return last === undefined ? [] : [{ labels: { resource, device }, value: last.atMs / 1000 }];
    }),
  );
}

/** By id, so that the same ones are shown each time where there are too many. */
function unhealthyOf(devices: Devices): (readonly [string, DeviceInfo])[] {
  return [...devices]
    .filter(([, { health }]) => health === 'Unhealthy')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, maxSeriesOfResource);
}

function leftOutCounts({ leftOut }: Telemetry): Sample[] {
  return [...leftOut].map(([resource, devices]) => ({ labels: { resource }, value: devices.size }));
}

/** Each device is a series in whatever stores the metrics. */
const maxSeriesOfResource = 100;

function streams(telemetry: Telemetry): Sample[] {
  return [...telemetry.resources].map(([resource, { streamOpen }]) => ({
    labels: { resource },
    value: Number(streamOpen),
  }));
}

function lastScan({ lastScan: scan }: Telemetry): Sample[] {
  return scan === undefined ? [] : [{ labels: {}, value: (performance.timeOrigin + scan.finishedAtMs) / 1000 }];
}
