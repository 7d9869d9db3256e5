// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, type Host } from '@kube-device-plugins/core';
import { debugDirectory, type PhysicalFunction } from './physical-functions.ts';

/**
 * Whether the firmware of a PF answers. It also counts as alive where the kernel does not say: before Linux 6.6, and without debugfs.
 * Each call asks the firmware, which the kernel waits for; the file is for root only, others are rejected with `HOST_UNREADABLE`.
 *
 * Kernel ABI: Documentation/ABI/testing/debugfs-driver-qat (heartbeat/status).
 */
export async function readIsAlive(host: Host, pf: PhysicalFunction): Promise<boolean> {
  try {
    const status = await host.probeText(`${debugDirectory(pf)}/heartbeat/status`);
    return status === undefined || parseIsAlive(status);
  } catch (error) {
    if (error instanceof DevicePluginError && error.code === 'HOST_TIMEOUT') return false;
    throw error;
  }
}

/** The kernel's text is `0\n` or `-1\n`, of which it also hands out the NUL behind it (adf_heartbeat_dbgfs.c). */
export function parseIsAlive(status: string): boolean {
  return !/^-1\s*(\n|\0|$)/.test(status);
}
