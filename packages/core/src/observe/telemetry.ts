// SPDX-License-Identifier: Apache-2.0
import type { Devices, LeftOutDevices } from '../device-tree.ts';
import { currentScope } from '../plugin-scope.ts';
import { DeviceHistory } from './device-history.ts';
import { CountByLabels, HistogramByLabels } from './measures.ts';

/** What is known of one resource that is served. */
export interface ResourceState {
  readonly devices: Devices;
  readonly registered: boolean;
  /** What a registration still waits for, where it is known. */
  readonly awaited?: string;
  readonly streamOpen: boolean;
  /** Why it does not work, in words for an administrator. */
  readonly problem: string | undefined;
}

/** The outcome of the last scan. */
export interface ScanState {
  /** Milliseconds of `performance.now()`. */
  readonly finishedAtMs: number;
  readonly error: unknown;
}

/**
 * What a plugin knows of itself: the base of /readyz, /metrics and the status page.
 * Plain numbers, kept from the first moment; the client library that prints them is loaded when somebody asks.
 */
export class Telemetry {
  readonly registrations = new CountByLabels();
  readonly listUpdates = new CountByLabels();
  readonly allocations = new CountByLabels();
  readonly hotplugEvents = new CountByLabels();
  readonly scanErrors = new CountByLabels();
  readonly configReloads = new CountByLabels();
  /** Ends that were not asked for, of one of several plugins in a process. */
  readonly failures = new CountByLabels();
  readonly allocateSeconds = new HistogramByLabels([0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.1, 1, 10]);
  readonly scanSeconds = new HistogramByLabels([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]);
  readonly updateSeconds = new HistogramByLabels([0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5]);
  /** The last changes of each device. */
  readonly history = new DeviceHistory();
  /** Devices that are not served, by the full names of their resources. */
  leftOut: LeftOutDevices = new Map();
  /** What is wrong with a configuration file, where the plugin goes on with what the file said before. */
  configProblem: string | undefined;
  /** Why the plugin does not run, where its process goes on without it. */
  outage: string | undefined;
  /** Its name where it is one of several in the process. */
  readonly plugin: string | undefined;
  readonly #resources = new Map<string, ResourceState>();
  #lastScan: ScanState | undefined;

  constructor(plugin?: string) {
    this.plugin = plugin;
  }

  /** Resources by full name. */
  get resources(): ReadonlyMap<string, ResourceState> {
    return this.#resources;
  }

  get lastScan(): ScanState | undefined {
    return this.#lastScan;
  }

  resourceChanged(resource: string, change: Partial<ResourceState>): void {
    const last = this.#resources.get(resource) ?? {
      devices: new Map(),
      registered: false,
      streamOpen: false,
      problem: undefined,
    };
    this.#resources.set(resource, { ...last, ...change });
  }

  resourceRemoved(resource: string): void {
    this.#resources.delete(resource);
  }

  /** Forgets the scans of an earlier start of the plugin. */
  restarted(): void {
    this.#lastScan = undefined;
  }

  /** Called by {@link rescan} after each scan that worked. */
  scanFinished(durationMs: number): void {
    this.#lastScan = { finishedAtMs: performance.now(), error: undefined };
    this.scanSeconds.observe({}, durationMs / 1000);
  }

  /** Called by {@link rescan} after each scan that did not. */
  scanFailed(durationMs: number, error: unknown): void {
    this.#lastScan = { finishedAtMs: performance.now(), error };
    this.scanSeconds.observe({}, durationMs / 1000);
    this.scanErrors.add({});
  }
}

/** That of the process, which is a plugin, or has several with one each. */
export const telemetry = new Telemetry();

const telemetryOfPlugins = new Map<string, Telemetry>();

/** That of one of several plugins in this process. It outlives each start of the plugin. */
export function telemetryOf(plugin: string): Telemetry {
  const known = telemetryOfPlugins.get(plugin) ?? new Telemetry(plugin);
  telemetryOfPlugins.set(plugin, known);
  return known;
}

/** That of the plugin which the running code works for. */
export function currentTelemetry(): Telemetry {
  const scope = currentScope();
  return scope === undefined ? telemetry : telemetryOf(scope.name);
}

/** Counts a configuration that changed while the plugin runs: `ok` when it is applied, `error` when the one before stays. */
export function countConfigReload(result: 'ok' | 'error'): void {
  currentTelemetry().configReloads.add({ result });
}
