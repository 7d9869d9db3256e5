// SPDX-License-Identifier: Apache-2.0

/** A GPU as labels tell of it. */
export interface LabeledGpu {
  /** The kernel's name: `card0`. */
  readonly name: string;
  /** At least 1. */
  readonly tiles: number;
  /** Memory that workloads may use; absent where it is more than a label is to say. */
  readonly memoryBytes?: bigint;
  /** Absent where the kernel names none. */
  readonly numaNode?: number;
  /** The directories of its sysfs path from the PCI root on: `pci0000:00`, `0000:00:02.0`, …; empty on no PCI bus. */
  readonly pciPath: readonly string[];
}

/** Something that knows how much memory a GPU has, by its PCI address. 0 or nothing: it does not know. */
export interface MemorySource {
  memoryBytes(bdf: string, signal: AbortSignal): Promise<bigint | number | undefined>;
}
