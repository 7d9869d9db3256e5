// SPDX-License-Identifier: Apache-2.0

/** Devices of one driver. */
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

/**
 * All that this plugin knows.
 *
 * Source: Linux, drivers/crypto/intel/qat/qat_common/adf_accel_devices.h (ids; 4940 is 4xxx, 4942 401xx and 4944 402xx), and the `name` of
 * each driver there; d15xx and c4xxx are in Intel's out-of-tree driver only. Upstream: cmd/qat_plugin/dpdkdrv.
 */
export const deviceGenerations: readonly DeviceGeneration[] = [
  generation('dh895xcc', ['0435', '0434'], ['0443', '0442']),
  generation('c6xx', ['37c8'], ['37c9']),
  generation('c3xxx', ['19e2'], ['19e3']),
  generation('d15xx', ['6f54'], ['6f55']),
  generation('c4xxx', ['18a0'], ['18a1']),
  { ...generation('4xxx', ['4940', '4942', '4944'], ['4941', '4943', '4945']), hasServices: true },
  { ...generation('420xx', ['4946'], ['4947']), hasServices: true },
  { ...generation('6xxx', ['4948'], ['4949']), hasServices: true },
];

function generation(pfDriver: string, pfIds: readonly string[], vfIds: readonly string[]): DeviceGeneration {
  return { pfIds, vfIds, pfDriver, vfDriver: `${pfDriver}vf`, hasServices: false };
}
