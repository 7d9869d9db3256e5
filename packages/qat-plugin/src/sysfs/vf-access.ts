// SPDX-License-Identifier: Apache-2.0

/** How a container gets at a VF, or why it cannot, as a sentence about it. */
export type VfAccess =
  | {
      /** Device nodes; the first one is the VF's. */
      readonly nodes: readonly [string, ...string[]];
      /** Directories to mount. */
      readonly mounts: readonly string[];
      /** Why these are not the nodes that were asked for. */
      readonly remark?: string;
    }
  | { readonly problem: string };
