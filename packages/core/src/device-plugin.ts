// SPDX-License-Identifier: Apache-2.0
import type { DeviceTree } from './device-tree.ts';
import type {
  AllocateRequest,
  AllocateResponse,
  PreferredAllocationRequest,
  PreferredAllocationResponse,
  PreStartContainerRequest,
} from './kubelet-api/deviceplugin.ts';

/** Finds the devices of this node. The one thing that every plugin has. */
export interface Scanner {
  /**
   * Called once. Hands a complete {@link DeviceTree} to `notifier` whenever it has one, and resolves once `signal` aborts.
   * Resolving earlier ends {@link Manager.run} in good order; a rejection ends it with that error.
   * {@link rescan} is the loop that most plugins want.
   * Upstream: pkg/deviceplugin/api.go, Scanner.
   */
  scan(notifier: Notifier, signal: AbortSignal): Promise<void>;
}

/** Takes the devices that a {@link Scanner} found. */
export interface Notifier {
  /** Takes a complete tree; only what differs from the last one is acted on. Never blocks. */
  notify(tree: DeviceTree): void;
}

/** Replaces the whole allocation. */
export interface Allocator {
  /**
   * Answers in place of the default allocation; {@link PostAllocator.postAllocate} is not called then.
   * Throw {@link UseDefaultMethodError} to have the default allocation for this request.
   */
  allocate(request: AllocateRequest): Promise<AllocateResponse>;
}

/** Edits what the default allocation answers. */
export interface PostAllocator {
  /** May change `response` in place; a rejection fails the call, and with it the admission of the pod. */
  postAllocate(response: AllocateResponse): void | Promise<void>;
}

/** Tells the kubelet which of the free devices to take. Its presence sets the option that makes kubelets ask. */
export interface PreferredAllocator {
  /** On doubt answer an empty list, and the kubelet chooses. It also does after a rejection, which is logged. */
  getPreferredAllocation(request: PreferredAllocationRequest): Promise<PreferredAllocationResponse>;
}

/** Prepares devices before each start of a container. Its presence sets the option that makes kubelets ask. */
export interface ContainerPreStarter {
  /** The kubelet waits 30 s; a rejection fails the start of the container, which is then retried. */
  preStartContainer(request: PreStartContainerRequest): Promise<void>;
}

/** A plugin: a {@link Scanner} with any of the optional capabilities, which are found by their presence. */
export type DevicePlugin = Scanner & Partial<Allocator & PostAllocator & PreferredAllocator & ContainerPreStarter>;
