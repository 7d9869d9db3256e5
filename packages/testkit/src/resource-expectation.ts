// SPDX-License-Identifier: Apache-2.0
import type { ResourceView } from './resource-view.ts';

/** What a resource is to look like; what is left out may be anything. */
export interface ResourceExpectation {
  readonly resource: string;
  /** How many devices, or exactly which, or exactly which with which health. */
  readonly devices?: number | readonly string[] | Readonly<Record<string, 'Healthy' | 'Unhealthy'>>;
  readonly state?: ResourceView['state'];
  readonly capacity?: number;
  readonly allocatable?: number;
  /** At least so many Register calls. */
  readonly registrations?: number;
}

/** Whether the resource looks like that; one that the kubelet does not report never does, unless no devices are asked for. */
export function meets(view: ResourceView | undefined, expectation: ResourceExpectation): view is ResourceView {
  if (view === undefined) return false;
  const { devices, state, capacity, allocatable, registrations } = expectation;
  return (
    (devices === undefined || (view.isReported && hasDevices(view, devices))) &&
    (state === undefined || state === view.state) &&
    (capacity === undefined || (view.isReported && capacity === view.capacity)) &&
    (allocatable === undefined || (view.isReported && allocatable === view.allocatable)) &&
    (registrations === undefined || registrations <= view.registrations)
  );
}

/** The resource in one line, for people. */
export function describeResource(view: ResourceView): string {
  const { resource, state, isReported, capacity, allocatable, registrations } = view;
  const devices = isReported ? `devices ${JSON.stringify(healthById(view))}` : 'nothing listed yet';
  return `${resource}: ${state}, ${devices}, capacity ${capacity}, allocatable ${allocatable}, registrations ${registrations}`;
}

function hasDevices(view: ResourceView, expected: NonNullable<ResourceExpectation['devices']>): boolean {
  if (typeof expected === 'number') return view.devices.length === expected;
  const wanted = isIds(expected) ? new Map(expected.map((id) => [id, undefined])) : new Map(Object.entries(expected));
  return (
    wanted.size === view.devices.length &&
    view.devices.every(({ id, health }) => wanted.has(id) && (wanted.get(id) ?? health) === health)
  );
}

function isIds(expected: object): expected is readonly string[] {
  return Array.isArray(expected);
}

function healthById(view: ResourceView): Record<string, string> {
  return Object.fromEntries(view.devices.map(({ id, health }) => [id, health]));
}
