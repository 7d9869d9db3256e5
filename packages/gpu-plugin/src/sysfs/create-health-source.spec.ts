// SPDX-License-Identifier: Apache-2.0
import { Host } from '@kube-device-plugins/core';
import { describe, expect, it } from 'vitest';
import type { HealthOptions } from '../options/health-options.ts';
import { createHealthSource } from './create-health-source.ts';
import { LevelZeroHealth } from './level-zero-health.ts';
import { PciHealth } from './pci-health.ts';
import { XpumdHealth } from './xpumd-health.ts';

const options: HealthOptions = {
  source: 'none',
  socket: '/run/s',
  limits: { globalCelsius: 100, gpuCelsius: 100, memoryCelsius: 100 },
  badReadings: 2,
  goodReadings: 2,
  away: 'keep',
  checksLink: true,
};

describe('createHealthSource()', () => {
  it.each([
    ['level-zero', LevelZeroHealth],
    ['xpumd', XpumdHealth],
    ['sysfs', PciHealth],
  ] as const)('makes one of %s', (source, kind) => {
    expect(createHealthSource({ ...options, source }, new Host())).toBeInstanceOf(kind);
  });

  it('makes none of none', () => {
    expect(createHealthSource(options, new Host())).toBeUndefined();
  });
});
