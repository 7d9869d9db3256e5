// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { clockMs } from './clock.ts';
import { ListedResources } from './listed-resources.ts';

describe('ListedResources', () => {
  it('waits until so many have come, each of which counts once', async () => {
    const resources = new ListedResources();
    const sinceMs = clockMs();
    const reached = resources.reached(2, 10_000);
    for (const name of ['a', 'a', 'b']) {
      resources.registered();
      resources.listed(name);
    }
    const { lastAtMs, registrations, meterCpuMs } = await reached;
    expect(lastAtMs).toBeGreaterThanOrEqual(sinceMs);
    expect(registrations).toBe(3);
    expect(meterCpuMs).toBeGreaterThanOrEqual(0);
  });

  it('says how many have come when it is too late', async () => {
    const resources = new ListedResources();
    resources.listed('a');
    await expect(resources.reached(2, 10)).rejects.toThrow('1 of 2 resources within 0.01 s');
  });
});
