// SPDX-License-Identifier: Apache-2.0
import type { Remark, TopologyInfo } from '@kube-device-plugins/core';

/** The drivers of the kernel that make FPGAs visible: Intel's own of OPAE (intel-fpga), and that of Linux (DFL, device feature list). */
export type FpgaDriver = 'opae' | 'dfl';

/** What the host has of FPGAs at one moment. */
export interface FpgaSnapshot {
  /** Undefined: no such driver is loaded. */
  readonly driver: FpgaDriver | undefined;
  /** Ordered by their numbers, those of physical functions without ports among them. */
  readonly fmes: readonly Fme[];
  /** Ordered by their numbers. */
  readonly ports: readonly Port[];
  readonly remarks: readonly Remark[];
}

/** A PCI function. */
export interface PciFunction {
  readonly bdf: string;
  /** Its directory below /sys/devices. */
  readonly directory: string;
  /** The directory of the physical function whose virtual function it is: that one has the FME. */
  readonly physicalFunction?: string;
}

/** An FPGA management engine: what programs a region. */
export interface Fme {
  /** `intel-fpga-fme.0` or `dfl-fme.0`. */
  readonly name: string;
  /** `/dev/dfl-fme.0`. */
  readonly node: string;
  /** Its directory below /sys/devices. */
  readonly directory: string;
  readonly pci: PciFunction;
  /** What a bitstream for its region must be made for: lower-case hexadecimal, 32 digits; empty where none is known. */
  readonly interfaceId: string;
  /** Why no interface id is known, as the end of a sentence; without one, the driver names none. */
  readonly idProblem?: string;
  /** The ports of its region that are left out, as they are while a driver is loaded: it is not complete. */
  readonly missingPorts?: readonly string[];
}

/** A slot of a region, in which an accelerator function unit (AFU) runs. */
export interface Port {
  /** `intel-fpga-port.0` or `dfl-port.0`. */
  readonly name: string;
  /** `/dev/dfl-port.0`. */
  readonly node: string;
  /** Its directory below /sys/devices. */
  readonly directory: string;
  readonly pci: PciFunction;
  /** The FME of its region, by its name; undefined where there is none, as in a virtual machine. */
  readonly fme: string | undefined;
  /** Why there is none. */
  readonly fmeProblem?: string;
  /** The function that is loaded: lower-case hexadecimal, 32 digits; empty where none is known. */
  readonly afuId: string;
  /** Why no function is known, as the end of a sentence; without one, the driver names none. */
  readonly idProblem?: string;
  readonly topology?: TopologyInfo;
}
