// SPDX-License-Identifier: Apache-2.0
import { isBdf } from '@kube-device-plugins/core';
import { type DeviceHealth, DeviceHealthResponse, Severity } from './health-api/deviceinfo.ts';
import type { HealthReading } from './health-source.ts';

/**
 * The readings in a message of xpumd, by PCI address. Cards without an address are left out.
 *
 * @throws Error for what is no such message.
 */
export function parseXpumdMessage(message: Uint8Array): ReadonlyMap<string, HealthReading> {
  const { devices } = DeviceHealthResponse.decode(message);
  return new Map(
    devices.flatMap((device) => {
      const bdf = device.info?.pci?.bdf.toLowerCase() ?? '';
      return isBdf(bdf) ? [[bdf, readingOf(device)]] : [];
    }),
  );
}

/** A warning is bad already, as upstream. xpumd's own words change with what it measures, so they are no part of the reason. */
function readingOf({ health }: DeviceHealth): HealthReading {
  const bad = health.filter(({ severity }) => severity >= Severity.SEVERITY_WARNING);
  if (bad.length === 0) return { state: 'good' };
  const parts = bad
    .slice(0, maxParts)
    .map(({ name, severity }) => `${name.slice(0, maxNameLength)} ${wordOf(severity)}`);
  return { state: 'bad', reason: `xpumd reports ${parts.sort().join(', ')}` };
}

const maxParts = 10;
const maxNameLength = 60;

function wordOf(severity: number): string {
  return ['', '', 'WARNING', 'CRITICAL', 'FAILED'][severity] ?? `severity ${severity}`;
}
