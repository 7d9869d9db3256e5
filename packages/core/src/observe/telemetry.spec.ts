// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { pluginMetrics } from './metrics.ts';
import { inScope } from '../plugin-scope.ts';
import { countConfigReload, currentTelemetry, telemetry, telemetryOf } from './telemetry.ts';

describe('countConfigReload()', () => {
  it('counts by result, which is a metric', () => {
    for (const result of ['ok', 'error', 'ok'] as const) countConfigReload(result);
    const metrics = pluginMetrics([telemetry], { plugin: 'x', version: '1' });
    expect(metrics.find(({ name }) => name === 'device_plugin_config_reloads_total')?.samples()).toEqual([
      { labels: { result: 'ok' }, value: 2 },
      { labels: { result: 'error' }, value: 1 },
    ]);
  });
});

describe('currentTelemetry()', () => {
  it('is that of the process, or of the plugin that the code works for', async () => {
    const scope = (name: string) => ({ name, onStrayError: () => undefined });
    const later = async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return currentTelemetry();
    };
    expect(currentTelemetry()).toBe(telemetry);
    expect(await inScope(scope('a'), later)).toBe(telemetryOf('a'));
    expect(await inScope(scope('b'), later)).toBe(telemetryOf('b'));
    expect(telemetryOf('a')).not.toBe(telemetryOf('b'));
    expect(telemetryOf('a').plugin).toBe('a');
  });
});
