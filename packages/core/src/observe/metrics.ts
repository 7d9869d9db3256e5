// SPDX-License-Identifier: Apache-2.0
// Loaded when the first scrape comes: the client library takes 20 ms and 3 MiB that a plugin nobody scrapes need not have.
import { collectDefaultMetrics, Registry, type Metric } from '@prometheus-io/client';
import type { Sample } from './measures.ts';
import type { Telemetry } from './telemetry.ts';

/** The name and version that the `info` metric carries. */
export interface ProgramInfo {
  readonly plugin: string;
  readonly version: string;
}

/** Prints everything as Prometheus text. */
export class MetricsPage {
  readonly #registry = new Registry();

  constructor(telemetry: Telemetry, info: ProgramInfo) {
    for (const metric of pluginMetrics(telemetry, info)) this.#register(metric);
    // The library samples the delay of the event loop on a timer; its default of 10 ms would be most of an idle plugin's CPU.
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: 1_000 });
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

interface PluginMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: () => Sample[];
}

type Measured = (name: string, type: PluginMetric['type'], help: string, samples: () => Sample[]) => PluginMetric;

/** docs/reference/metrics.md lists them; a test compares the two. */
export function pluginMetrics(telemetry: Telemetry, { plugin, version }: ProgramInfo): PluginMetric[] {
  const measured: Measured = (name, type, help, samples) => ({
    name: `device_plugin_${name}`,
    type,
    help,
    samples,
  });
  return [
    measured('info', 'gauge', 'Always 1; tells the plugin and its version.', () => [
      { labels: { plugin, version }, value: 1 },
    ]),
    measured('devices', 'gauge', 'Devices by resource, health and NUMA node ("none" where the host names none).', () =>
      deviceCounts(telemetry),
    ),
    measured('stream_open', 'gauge', '1 while the kubelet listens to the resource.', () => streams(telemetry)),
    measured('registrations_total', 'counter', 'Registrations with the kubelet by their result.', () =>
      telemetry.registrations.samples(),
    ),
    measured('listandwatch_updates_total', 'counter', 'Lists of devices sent.', () => telemetry.listUpdates.samples()),
    measured(
      'update_latency_seconds',
      'histogram',
      'From a changed inventory to the list having left the process.',
      () => telemetry.updateSeconds.samples(),
    ),
    measured('allocations_total', 'counter', 'Allocate calls by their result.', () => telemetry.allocations.samples()),
    measured('allocate_duration_seconds', 'histogram', 'Time to answer Allocate.', () =>
      telemetry.allocateSeconds.samples(),
    ),
    measured('hotplug_events_total', 'counter', 'Devices that came or went after the first scan.', () =>
      telemetry.hotplugEvents.samples(),
    ),
    ...scanMetrics(telemetry, measured),
  ];
}

function scanMetrics(telemetry: Telemetry, measured: Measured): PluginMetric[] {
  return [
    measured('scan_duration_seconds', 'histogram', 'Time of a scan.', () => telemetry.scanSeconds.samples()),
    measured('scan_errors_total', 'counter', 'Scans that failed; the last list stays published.', () =>
      telemetry.scanErrors.samples(),
    ),
    measured('config_reloads_total', 'counter', 'Changes of the configuration by their result.', () =>
      telemetry.configReloads.samples(),
    ),
    measured('last_scan_timestamp_seconds', 'gauge', 'When the last scan ended, in Unix time.', () =>
      lastScan(telemetry),
    ),
  ];
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

function streams(telemetry: Telemetry): Sample[] {
  return [...telemetry.resources].map(([resource, { streamOpen }]) => ({
    labels: { resource },
    value: Number(streamOpen),
  }));
}

function lastScan({ lastScan: scan }: Telemetry): Sample[] {
  return scan === undefined ? [] : [{ labels: {}, value: (performance.timeOrigin + scan.finishedAtMs) / 1000 }];
}
