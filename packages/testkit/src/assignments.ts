// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';

/** Devices that a container holds, and what the plugin answered for them. */
export interface Assignment {
  readonly pod: string;
  readonly container: string;
  readonly resource: string;
  readonly ids: readonly string[];
  readonly response: deviceplugin.ContainerAllocateResponse;
}

/**
 * Which container holds which devices, over restarts of the kubelet (which keeps it in its checkpoint).
 * Upstream: pkg/kubelet/cm/devicemanager/pod_devices.go.
 */
export class Assignments {
  #all: readonly Assignment[] = [];

  add(assignment: Assignment): void {
    this.#all = [...this.#all, assignment];
  }

  /** Nothing is sent to the plugin: there is no call that takes devices back. */
  deletePod(pod: string): void {
    this.#all = this.#all.filter((assignment) => assignment.pod !== pod);
  }

  ofContainer(pod: string, container: string): readonly Assignment[] {
    return this.#all.filter((assignment) => assignment.pod === pod && assignment.container === container);
  }

  /** Device id → who holds it; an app container that reuses a device of an init container is the holder. */
  holders(resource: string): ReadonlyMap<string, Assignment> {
    const held = this.#all.filter((assignment) => assignment.resource === resource);
    return new Map(held.flatMap((assignment) => assignment.ids.map((id) => [id, assignment] as const)));
  }
}
