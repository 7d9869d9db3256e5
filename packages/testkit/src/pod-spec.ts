// SPDX-License-Identifier: Apache-2.0
import type { ContainerResources, MergeConflict } from './response-merge.ts';

/** What a kubelet has to know of a pod to give it devices. */
export interface PodSpec<Name extends string = string> {
  /** The name; unique on the node. */
  readonly pod: string;
  /** Default 'default'. */
  readonly namespace?: string;
  /** Default: the name, with a number when there was such a pod before. */
  readonly uid?: string;
  /** NUMA nodes that the topology manager chose for the containers; devices there are given first. Default: it has no preference. */
  readonly numaHint?: readonly number[];
  /** Run one after the other before the containers, which take over their devices. */
  readonly initContainers?: readonly InitContainerSpec<Name>[];
  readonly containers: readonly ContainerSpec<Name>[];
}

/** A container and its limits. */
export interface ContainerSpec<Name extends string = string> {
  readonly name: Name;
  /** Resource → how many. Those without a slash (cpu, memory) are not the device manager's. */
  readonly limits?: Readonly<Record<string, number>>;
}

/** An init container; one that restarts always (a sidecar) keeps its devices to itself. */
export interface InitContainerSpec<Name extends string = string> extends ContainerSpec<Name> {
  readonly restartPolicy?: 'Always';
}

/** A pod that has its devices. */
export interface AdmittedPod<Name extends string = string> {
  readonly pod: string;
  readonly containers: Readonly<Record<Name, AdmittedContainer>>;
}

/** What a container of it gets. */
export interface AdmittedContainer extends ContainerResources {
  /** Resource → ids of the devices. */
  readonly deviceIds: Readonly<Record<string, readonly string[]>>;
  /** Where two resources say different things about the same; the kubelet only logs it. */
  readonly conflicts: readonly MergeConflict[];
}

/** The kubelet has refused the pod for good: its phase is Failed, and nobody tries that pod again. */
export class UnexpectedAdmissionError extends Error {
  /** The reason in the status of the pod. */
  override readonly name = 'UnexpectedAdmissionError';
  readonly pod: string;

  constructor(pod: string, message: string, options: { readonly cause: unknown }) {
    super(message, options);
    this.pod = pod;
  }
}

/** The container did not start; the pod lives on and the kubelet tries again. */
export class ContainerStartError extends Error {
  override readonly name = 'ContainerStartError';
}
