// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { pluginMetrics } from './metrics.ts';
import { countConfigReload, telemetry } from './telemetry.ts';

describe('countConfigReload()', () => {
  it('counts by result, which is a metric', () => {
    for (const result of ['ok', 'error', 'ok'] as const) countConfigReload(result);
    const metrics = pluginMetrics(telemetry, { plugin: 'x', version: '1' });
    expect(metrics.find(({ name }) => name === 'device_plugin_config_reloads_total')?.samples()).toEqual([
      { labels: { result: 'ok' }, value: 2 },
      { labels: { result: 'error' }, value: 1 },
    ]);
  });
});
