// SPDX-License-Identifier: Apache-2.0
import type { TopologyInfo } from '@kube-device-plugins/core';

/** One Intel GPU, or a virtual function of one, as the kernel shows it below /sys/class/drm and /dev/dri. */
export interface GpuCard {
  /** The kernel's name of the primary node: `card0`. Its number may be another after a reboot. */
  readonly name: string;
  /** Kernel driver, which names the resource: `i915` or `xe`. */
  readonly driver: string;
  /** PCI address; absent on a device that is on no PCI bus. */
  readonly bdf?: string;
  /** PCI device id as sysfs has it: `0x56c0`. */
  readonly deviceId?: string;
  /** Device nodes that exist, the primary one first: `/dev/dri/card0`, `/dev/dri/renderD128`. */
  readonly nodes: readonly string[];
  /** Links of this card in /dev/dri/by-path that lead somewhere. */
  readonly byPathLinks: readonly string[];
  /** Nodes of its management engine: `/dev/mei1`. */
  readonly meiNodes: readonly string[];
  readonly topology?: TopologyInfo;
}
