// SPDX-License-Identifier: Apache-2.0

/** A device of the Container Device Interface (CDI, https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md). */
export interface CdiDevice {
  /** `vendor/class`: `intel.cdi.k8s.io/fpga`. */
  readonly kind: string;
  /** Unique within the kind. */
  readonly name: string;
  readonly containerEdits: CdiContainerEdits;
}

/** What the container runtime changes in a container that gets the device. There has to be something. */
export interface CdiContainerEdits {
  /** `KEY=value`. */
  readonly env?: readonly string[];
  readonly deviceNodes?: readonly CdiDeviceNode[];
  readonly hooks?: readonly CdiHook[];
  readonly mounts?: readonly CdiMount[];
}

/** A device node. Without type and number the runtime takes those that the node has on the host. */
export interface CdiDeviceNode {
  /** Path in the container; on the host as well unless `hostPath` is another. */
  readonly path: string;
  readonly hostPath?: string;
  /** Block, character, unbuffered character, FIFO: as in mknod(1). */
  readonly type?: 'b' | 'c' | 'u' | 'p';
  readonly major?: number;
  readonly minor?: number;
  /** Mode bits, 0o660; the file shows them in decimal. */
  readonly fileMode?: number;
  /** Some of the letters `rwm`; all of them by default. */
  readonly permissions?: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** A program that the runtime runs at one moment in the life of the container. */
export interface CdiHook {
  readonly hookName: CdiHookName;
  readonly path: string;
  /** As in execv(3): the first one is the name of the program. */
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  /** Seconds. */
  readonly timeout?: number;
}

/** The moments that hooks have. Source: OCI runtime specification, config.md, POSIX-platform hooks. */
export const cdiHookNames = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const;

/** One of {@link cdiHookNames}. */
export type CdiHookName = (typeof cdiHookNames)[number];

/** A mount. */
export interface CdiMount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly type?: string;
  readonly options?: readonly string[];
}
