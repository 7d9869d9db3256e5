// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { allocatableOf, capacityOf, inventoryOf, withoutHealthy } from './device-inventory.ts';

const device = (ID: string, health: string) => ({ ID, health, topology: undefined });

describe('inventoryOf()', () => {
  it.each(['Unhealthy', 'healthy', 'HEALTHY', ' Healthy', '', 'Unknown'])('takes %j as unhealthy', (health) => {
    const inventory = inventoryOf([device('a', health), device('b', 'Healthy')]);
    expect([...inventory.unhealthy]).toEqual(['a']);
    expect([...inventory.healthy]).toEqual(['b']);
  });

  it('counts a device once that is listed twice', () => {
    expect(capacityOf(inventoryOf([device('a', 'Healthy'), device('a', 'Healthy')]))).toBe(1);
  });

  it('counts a device twice that is listed both ways', () => {
    const inventory = inventoryOf([device('a', 'Healthy'), device('a', 'Unhealthy')]);
    expect(capacityOf(inventory)).toBe(2);
    expect(allocatableOf(inventory)).toBe(1);
    expect(inventory.devices.get('a')?.health).toBe('Unhealthy');
  });
});

describe('withoutHealthy()', () => {
  it('keeps the capacity', () => {
    const gone = withoutHealthy(inventoryOf([device('a', 'Healthy'), device('b', 'Unhealthy')]));
    expect(capacityOf(gone)).toBe(2);
    expect(allocatableOf(gone)).toBe(0);
    expect(gone.devices.size).toBe(2);
  });
});
