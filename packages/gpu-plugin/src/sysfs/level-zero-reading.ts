// SPDX-License-Identifier: Apache-2.0
import type { TemperatureLimits } from '../options/health-options.ts';
import type { DeviceHealth, DeviceTemperature } from './health-api/levelzero.ts';
import type { HealthReading } from './health-source.ts';

/** What is broken of a card; undefined when nothing is, and its temperatures decide. */
export function brokenParts({ memoryOk, busOk, socOk }: DeviceHealth): string | undefined {
  const parts = [...(memoryOk ? [] : ['memory']), ...(busOk ? [] : ['bus']), ...(socOk ? [] : ['SoC'])];
  return parts.length === 0 ? undefined : `the Level-Zero sidecar says that it is not well: ${parts.join(', ')}`;
}

/**
 * The reading of a card with nothing broken. Whole degrees count, strictly above the limit; a sensor that failed says -999, which is above none.
 *
 * Upstream: cmd/gpu_plugin/gpu_plugin.go.
 */
export function temperatureReading(celsius: DeviceTemperature, limits: TemperatureLimits): HealthReading {
  const parts: [part: string, celsius: number, limitCelsius: number][] = [
    ['the card', celsius.global, limits.globalCelsius],
    ['the GPU', celsius.gpu, limits.gpuCelsius],
    ['the memory', celsius.memory, limits.memoryCelsius],
  ];
  const tooHot = parts.filter(([, value, limit]) => Math.trunc(value) > limit);
  if (tooHot.length === 0) return { state: 'good' };
  return { state: 'bad', reason: tooHot.map(([part, , limit]) => `${part} is above ${limit} °C`).join('; ') };
}
