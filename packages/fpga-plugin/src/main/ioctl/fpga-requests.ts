// SPDX-License-Identifier: Apache-2.0
import type { FpgaDriver } from '../../sysfs/fpga-snapshot.ts';

/**
 * The request numbers of the two drivers' ioctls that these programs make.
 *
 * They are `_IO(0xb6, n)` and `_IO(0xb5, n)`; only DFL's last two carry direction and size, `_IOW(0xb6, n, u32)`.
 * Sources: Linux, include/uapi/linux/fpga-dfl.h; OPAE, intel-fpga.h.
 */
export const fpgaRequests = {
  dfl: {
    getApiVersion: 0xb600,
    getPortInfo: 0xb641,
    getRegionInfo: 0xb642,
    programPort: 0xb680,
    releasePort: 0x4004_b681,
    assignPort: 0x4004_b682,
  },
  opae: {
    getApiVersion: 0xb500,
    getPortInfo: 0xb541,
    getRegionInfo: 0xb542,
    programPort: 0xb580,
    releasePort: 0xb581,
    assignPort: 0xb582,
  },
} as const satisfies Readonly<Record<FpgaDriver, Readonly<Record<string, number>>>>;
