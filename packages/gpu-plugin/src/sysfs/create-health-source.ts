// SPDX-License-Identifier: Apache-2.0
import type { Host } from '@kube-device-plugins/core';
import type { HealthOptions } from '../options/health-options.ts';
import type { HealthSource } from './health-source.ts';
import { LevelZeroHealth } from './level-zero-health.ts';
import { PciHealth } from './pci-health.ts';
import { XpumdHealth } from './xpumd-health.ts';

/** The source that the options name; undefined when all cards count as healthy. */
export function createHealthSource(options: HealthOptions, host: Host): HealthSource | undefined {
  const { source, socket, limits } = options;
  switch (source) {
    case 'level-zero':
      return new LevelZeroHealth(socket, limits);
    case 'xpumd':
      return new XpumdHealth(socket);
    case 'sysfs':
      return new PciHealth(host, options);
    case 'none':
      return undefined;
  }
}
