// SPDX-License-Identifier: Apache-2.0

/** Devices of one PCI id pair. */
export interface DeviceGeneration {
  /** PCI device ids of physical functions, lower-case hexadecimal without `0x`. */
  readonly pfIds: readonly string[];
  readonly vfIds: readonly string[];
  /** Directory of the PF's driver below /sys/bus/pci/drivers; the module is called `qat_…`, which is another name. */
  readonly pfDriver: string;
  /** Directory of the VF's kernel driver, and the value that `-kernel-vf-drivers` takes. */
  readonly vfDriver: string;
  /** Whether its services can be chosen, and name its resource. */
  readonly hasServices: boolean;
}
