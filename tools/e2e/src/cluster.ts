// SPDX-License-Identifier: Apache-2.0

/** Where a plugin runs, as the scenario sees it. */
export interface Cluster {
  /** What this is, for people. */
  readonly description: string;
  /** Milliseconds that a change may take to be seen in it. */
  readonly patienceMs: number;
  /** Makes the hardware, starts the plugin and resolves once it runs. */
  deploy(): Promise<void>;
  /** How many devices of a resource the node has for pods; 0 for one it has not heard of. */
  allocatable(resource: string): Promise<number>;
  /** Runs a pod with one container that has these limits, to its end. */
  runPod(name: string, limits: Readonly<Record<string, number>>): Promise<PodOutput>;
  /** Ends the plugin as an update does, and starts it anew. */
  restartPlugin(): Promise<void>;
  /** Ends the plugin for good. */
  remove(): Promise<void>;
  /** Takes away whatever is left, also after a failure. */
  close(): Promise<void>;
}

/** What the container of a pod found. */
export interface PodOutput {
  /** Paths of the device nodes it was given, sorted, as the host names them: without the root of the hardware. */
  readonly devices: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
