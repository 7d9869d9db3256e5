// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '../../errors.ts';
import type { DeviceInfo } from '../../device-tree.ts';
import type { DeviceUsers } from '../../rpc/device-users.ts';
import type { HistoryOfDevice, Transition } from '../device-history.ts';
import type { CountByLabels } from '../measures.ts';
import type { ProgramInfo } from '../metrics.ts';
import { readiness, resourceProblem } from '../readiness.ts';
import type { ResourceState, Telemetry } from '../telemetry.ts';
import { inOrder } from './device-order.ts';
import type { DeviceStatus, Outcomes, PluginStatus, ResourceStatus, Status, TransitionStatus } from './status.ts';

/** What a status is made of. */
export interface StatusSources {
  readonly telemetries: readonly Telemetry[];
  readonly info: ProgramInfo;
  readonly scanPeriodMs: number;
}

/** Which part of it is wanted. */
export interface StatusQuery {
  /** Full name of the only resource to show; all of them without. */
  readonly resource: string | undefined;
  /** Counted from 1. */
  readonly page: number;
}

/** One moment by both clocks, in milliseconds: that of `performance.now()`, and Unix time. */
export interface Moment {
  readonly monotonicMs: number;
  readonly unixMs: number;
}

/**
 * Everything that a plugin knows of itself, cut to what a person or a program wants to have at once.
 *
 * @param users - a text says why they are not known.
 */
export function makeStatus(
  { telemetries, info, scanPeriodMs }: StatusSources,
  query: StatusQuery,
  users: DeviceUsers | string,
  now: Moment,
): Status {
  const views = telemetries.map((telemetry) => viewOf(telemetry, query, now));
  const slice = sliceOf(query, views.flatMap(({ names }) => names).length);
  const known = typeof users === 'string' ? undefined : users;
  const plugins = views.map(({ telemetry, names, gone }): PluginStatus => {
    const { ready, lines } = readiness(telemetry, scanPeriodMs, now.monotonicMs);
    return {
      name: telemetry.plugin ?? info.plugin,
      ready,
      lines: lines.map(shortened),
      ...lastScanOf(telemetry, now),
      resources: names.map((name) => ({
        ...resourceStatus(name, telemetry, known, slice),
        gone: gone.get(name)?.slice(0, maxOthers).map(goneStatus) ?? [],
      })),
    };
  });
  return {
    format: 1,
    program: info.plugin,
    version: info.version,
    startedAt: isoTime(now.unixMs - now.monotonicMs),
    madeAt: isoTime(now.unixMs),
    ready: plugins.every(({ ready }) => ready),
    ...(typeof users === 'string' && { usersUnknown: users }),
    plugins,
  };
}

interface View {
  readonly telemetry: Telemetry;
  readonly names: readonly string[];
  readonly gone: ReadonlyMap<string, readonly HistoryOfDevice[]>;
}

/** A resource may have no device that is served, and still devices to tell of. */
function viewOf(telemetry: Telemetry, { resource }: StatusQuery, { unixMs }: Moment): View {
  const gone = Map.groupBy(telemetry.history.gone(unixMs - goneMs), (device) => device.resource);
  const names = new Set([...telemetry.resources.keys(), ...telemetry.leftOut.keys(), ...gone.keys()]);
  return { telemetry, gone, names: [...names].filter((name) => resource === undefined || name === resource).sort() };
}

/** How long a device that is gone is told of. */
const goneMs = 60 * 60 * 1_000;

/** All resources share what one answer holds; one that was asked for has pages of its own. */
function sliceOf({ resource, page }: StatusQuery, resources: number): Slice {
  if (resource !== undefined) return { page, size: pageSize };
  return { page: undefined, size: Math.max(minDevicesOfResource, Math.floor(maxDevices / Math.max(1, resources))) };
}

/** Which devices of a resource are wanted. */
interface Slice {
  readonly page: number | undefined;
  readonly size: number;
}

const pageSize = 500;
const maxDevices = 1_000;
const minDevicesOfResource = 10;

function lastScanOf({ lastScan }: Telemetry, { monotonicMs, unixMs }: Moment): Pick<PluginStatus, 'lastScan'> {
  if (lastScan === undefined) return {};
  const at = isoTime(unixMs - (monotonicMs - lastScan.finishedAtMs));
  return { lastScan: { at, ...(lastScan.error !== undefined && { error: shortened(messageOf(lastScan.error)) }) } };
}

function resourceStatus(
  name: string,
  telemetry: Telemetry,
  users: DeviceUsers | undefined,
  { page, size }: Slice,
): Omit<ResourceStatus, 'gone'> {
  const state = telemetry.resources.get(name) ?? notServed;
  const ordered = inOrder(state.devices);
  const pageCount = Math.max(1, Math.ceil(ordered.length / pageSize));
  const shown = page === undefined ? undefined : Math.min(page, pageCount);
  const first = ((shown ?? 1) - 1) * size;
  const problem = resourceProblem(state);
  const leftOut = [...(telemetry.leftOut.get(name) ?? [])];
  return {
    name,
    ...(problem !== undefined && { problem: shortened(problem) }),
    registrations: outcomesOf(telemetry.registrations, name),
    allocations: outcomesOf(telemetry.allocations, name),
    deviceCount: ordered.length,
    unhealthyCount: ordered.filter(([, { health }]) => health === 'Unhealthy').length,
    devices: ordered.slice(first, first + size).map(([id, info]) => ({
      ...deviceStatus(id, info),
      ...(users !== undefined && { users: users.get(name)?.get(id) ?? [] }),
      history: telemetry.history.of(name, id).map(transitionStatus),
    })),
    ...(shown !== undefined && { page: shown }),
    pageCount,
    leftOutCount: leftOut.length,
    leftOut: leftOut.slice(0, maxOthers).map(([id, reason]) => ({ id: shortened(id), reason: shortened(reason) })),
  };
}

const notServed: ResourceState = {
  devices: new Map(),
  registered: false,
  streamOpen: false,
  problem: 'it is not served: no device of it is left',
};

/** Of those that are left out, and of those that are gone. */
const maxOthers = 100;

function outcomesOf(counts: CountByLabels, resource: string): Outcomes {
  const of = (result: string): number =>
    counts.samples().find(({ labels }) => labels['resource'] === resource && labels['result'] === result)?.value ?? 0;
  return { ok: of('ok'), error: of('error') };
}

function deviceStatus(
  id: string,
  { health, healthReason, topology, nodes }: DeviceInfo,
): Omit<DeviceStatus, 'history'> {
  return {
    id,
    health,
    ...(health === 'Unhealthy' && { reason: shortened(healthReason ?? 'unknown') }),
    numa: topology?.nodes.map(({ ID }) => ID) ?? [],
    nodes: nodes.map(({ hostPath }) => hostPath),
  };
}

function goneStatus({ id, history }: HistoryOfDevice): ResourceStatus['gone'][number] {
  return { id, history: history.map(transitionStatus) };
}

function transitionStatus({ to, atMs, reason }: Transition): TransitionStatus {
  return { to, at: isoTime(atMs), ...(reason !== undefined && { reason: shortened(reason) }) };
}

function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Reasons come from plugins, and ids that are left out may be left out for their length. */
function shortened(text: string): string {
  return text.length > maxText ? `${text.slice(0, maxText)}…` : text;
}

const maxText = 500;
