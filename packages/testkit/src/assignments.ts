// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';

/** Devices that a container holds, and what the plugin answered for them. */
export interface Assignment {
  readonly podUid: string;
  readonly container: string;
  readonly resource: string;
  /** Device id → its NUMA nodes when it was assigned; empty without topology. */
  readonly devices: ReadonlyMap<string, readonly number[]>;
  readonly response: deviceplugin.ContainerAllocateResponse;
}

/**
 * Which container holds which devices. Upstream: pkg/kubelet/cm/devicemanager/pod_devices.go.
 */
export class Assignments {
  #all: readonly Assignment[] = [];

  get all(): readonly Assignment[] {
    return this.#all;
  }

  add(assignment: Assignment): void {
    this.#all = [...this.#all, assignment];
  }

  /** Instead of everything so far, what a checkpoint says. */
  restore(assignments: readonly Assignment[]): void {
    this.#all = assignments;
  }

  /** Nothing is sent to the plugins: there is no call that takes devices back. */
  keepOnly(podUids: ReadonlySet<string>): void {
    this.#all = this.#all.filter(({ podUid }) => podUids.has(podUid));
  }

  ofContainer(podUid: string, container: string): readonly Assignment[] {
    return this.#all.filter((assignment) => assignment.podUid === podUid && assignment.container === container);
  }

  /** Device id → who holds it; an app container that reuses a device of an init container is the holder. */
  holders(resource: string): ReadonlyMap<string, Assignment> {
    const held = this.#all.filter((assignment) => assignment.resource === resource);
    return new Map(held.flatMap((assignment) => [...assignment.devices.keys()].map((id) => [id, assignment] as const)));
  }

  /** Pods that hold a device of this id, of whatever resource. */
  podsWith(id: string): readonly string[] {
    return [...new Set(this.#all.filter(({ devices }) => devices.has(id)).map(({ podUid }) => podUid))];
  }
}
