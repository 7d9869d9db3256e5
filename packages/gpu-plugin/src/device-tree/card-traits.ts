// SPDX-License-Identifier: Apache-2.0
import { parseBdf } from '@kube-device-plugins/core';
import type { CardTraits } from '../options/resource-template.ts';
import type { GpuCard } from '../sysfs/gpu-card.ts';

/** What resources are named by. */
export function cardTraits({ driver, deviceId, bdf }: GpuCard): CardTraits {
  return {
    driver,
    ...(deviceId === undefined ? {} : { device: deviceId.slice('0x'.length) }),
    ...(bdf === undefined ? {} : { class: isIntegrated(bdf) ? 'integrated' : 'discrete' }),
  };
}

/**
 * Graphics in the processor is device 2 of the root bus, and its virtual functions are the functions of that device; a card of its own is behind a bridge.
 * Source: igt-gpu-tools, lib/igt_device_scan.c (INTEGRATED_GPU_PCI_ID). A virtual machine may give any card any address.
 */
function isIntegrated(address: string): boolean {
  const bdf = parseBdf(address);
  return bdf?.domain === 0 && bdf.bus === 0 && bdf.device === 2;
}
