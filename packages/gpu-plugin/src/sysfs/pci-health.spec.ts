// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, Host } from '@kube-device-plugins/core';
import { dir, type FixtureTree, type HostFixture, hostFixture, link } from '@kube-device-plugins/testkit';
import { mkdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bdf, card, otherCard, unplacedCard } from '../../test/health-world.ts';
import type { HealthReading } from './health-source.ts';
import { PciHealth } from './pci-health.ts';

const rules = { checksLink: true, limits: { globalCelsius: 100, gpuCelsius: 90, memoryCelsius: 80 } };

// A card with a switch of its own: root port, upper and lower port of the switch, GPU.
const rootPort = 'sys/devices/pci0000:00/0000:00:01.0';
const upperPort = `${rootPort}/0000:01:00.0`;
const lowerPort = `${upperPort}/0000:02:01.0`;
const device = `${lowerPort}/${bdf}`;

function linkOf(
  place: string,
  [speed, width]: readonly [string, number],
  [most, lanes] = [speed, width] as const,
): FixtureTree {
  return {
    [`${place}/current_link_speed`]: `${speed}\n`,
    [`${place}/current_link_width`]: `${width}\n`,
    [`${place}/max_link_speed`]: `${most}\n`,
    [`${place}/max_link_width`]: `${lanes}\n`,
  };
}

const wellLinks: FixtureTree = {
  ...linkOf(rootPort, ['16.0 GT/s PCIe', 16]),
  ...linkOf(upperPort, ['16.0 GT/s PCIe', 16]),
  // Between upper and lower port is no link: what the lower one shows is below it.
  ...linkOf(lowerPort, ['2.5 GT/s PCIe', 1], ['16.0 GT/s PCIe', 16]),
  ...linkOf(device, ['2.5 GT/s PCIe', 1]),
};

const errors = (fatal: number, nonfatal: number): FixtureTree => ({
  [`${device}/aer_dev_fatal`]: `Undefined 0\nDLP ${fatal}\nTOTAL_ERR_FATAL ${fatal}\n`,
  [`${device}/aer_dev_nonfatal`]: `Undefined 0\nTLP ${nonfatal}\nTOTAL_ERR_NONFATAL ${nonfatal}\n`,
});

function sensor(name: string, milliCelsius: number, label?: string, crit?: number): FixtureTree {
  const path = `${device}/hwmon/hwmon3/${name}`;
  return {
    [`${path}_input`]: `${milliCelsius}\n`,
    ...(label === undefined ? {} : { [`${path}_label`]: `${label}\n` }),
    ...(crit === undefined ? {} : { [`${path}_crit`]: `${crit}\n` }),
  };
}

describe('PciHealth', () => {
  let fixture: HostFixture;
  let source: PciHealth;
  let nowMs: number;

  beforeEach(async () => {
    fixture = await hostFixture({ [device]: dir(), [`sys/bus/pci/devices/${bdf}`]: link(`/${device}`) });
    nowMs = 1_000;
    source = new PciHealth(new Host(fixture.root), rules, () => nowMs);
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  async function reading(): Promise<HealthReading | undefined> {
    return (await source.read([card])).get(card.name);
  }

  /** `good`, `unknown`, or why it is bad. */
  async function verdict(): Promise<string> {
    const found = await reading();
    return found?.state === 'bad' ? found.reason : (found?.state ?? 'none');
  }

  it('knows nothing of a card of which the kernel shows nothing, and of one that is not there', async () => {
    expect(await verdict()).toBe('unknown');
    const readings = await source.read([otherCard, { ...card, name: 'card7', bdf: '0000:ff:00.0' }]);
    expect([...readings.values()]).toEqual([{ state: 'unknown' }, { state: 'unknown' }]);
  });

  it('says nothing of a card without a PCI address', async () => {
    expect((await source.read([unplacedCard])).size).toBe(0);
  });

  it('takes a card for broken whose sensor does not answer', async () => {
    await fixture.add(sensor('temp1', 40_000));
    const noAnswer = new DevicePluginError('HOST_TIMEOUT', 'no answer to a read of temp1_input in 2 s');
    vi.spyOn(Host.prototype, 'probeText').mockRejectedValueOnce(noAnswer);
    expect(await verdict()).toBe('no answer to a read of temp1_input in 2 s');
    expect(await verdict()).toBe('good');
  });

  it('takes for no fault what cannot be read', async () => {
    await fixture.add({ ...wellLinks, ...errors(0, 0) });
    for (const attribute of ['aer_dev_nonfatal', 'current_link_speed', 'hwmon/hwmon3/temp1_input']) {
      await fixture.remove(`${device}/${attribute}`);
      await mkdir(fixture.path(`${device}/${attribute}`), { recursive: true });
    }
    expect(await verdict()).toBe('good');
  });

  it('names all that is wrong', async () => {
    await fixture.add({ ...linkOf(rootPort, ['16.0 GT/s PCIe', 16]), ...wellLinks, ...sensor('temp1', 91_000) });
    await fixture.write(`${upperPort}/current_link_width`, '8');
    expect(await verdict()).toBe(
      'the PCI link of 0000:01:00.0 has fewer lanes than it can have; the GPU is above 90 °C',
    );
  });

  it('does not wake a card that sleeps, and still sees its errors', async () => {
    await fixture.add({
      [`${device}/power/runtime_status`]: 'suspended\n',
      ...sensor('temp1', 91_000),
      ...errors(0, 0),
    });
    expect(await verdict()).toBe('good');
    await fixture.add(errors(1, 0));
    expect(await verdict()).toBe('fatal PCI errors in the last 5 minutes');
    await fixture.write(`${device}/power/runtime_status`, 'active\n');
    expect(await verdict()).toBe('fatal PCI errors in the last 5 minutes; the GPU is above 90 °C');
  });

  describe('with counters of errors', () => {
    it('counts only what comes after the first look', async () => {
      await fixture.add(errors(7, 9));
      expect([await verdict(), await verdict()]).toEqual(['good', 'good']);
    });

    it.each([
      ['fatal', [1, 0], 'fatal PCI errors in the last 5 minutes'],
      ['other', [0, 3], 'uncorrected PCI errors in the last 5 minutes'],
      ['both', [1, 1], 'fatal PCI errors in the last 5 minutes; uncorrected PCI errors in the last 5 minutes'],
    ] as const)('calls a card bad for 5 minutes after %s errors', async (_what, [fatal, nonfatal], reason) => {
      await fixture.add(errors(0, 0));
      await verdict();
      await fixture.add(errors(fatal, nonfatal));
      expect(await verdict()).toBe(reason);
      nowMs += 299_999;
      expect(await verdict()).toBe(reason);
      nowMs += 1;
      expect(await verdict()).toBe('good');
    });

    it('begins the 5 minutes anew with each error', async () => {
      await fixture.add(errors(0, 0));
      await verdict();
      for (const fatal of [1, 2, 3]) {
        await fixture.add(errors(fatal, 0));
        expect(await verdict()).toContain('fatal');
        nowMs += 200_000;
        expect(await verdict()).toContain('fatal');
      }
    });

    it('calls a card well whose counters begin anew, and one that was gone', async () => {
      await fixture.add(errors(5, 0));
      await verdict();
      await fixture.add(errors(6, 0));
      expect(await verdict()).toContain('fatal');
      await fixture.add(errors(0, 0));
      expect(await verdict()).toBe('good');
      await fixture.add(errors(1, 0));
      expect(await verdict()).toContain('fatal');
      await source.read([otherCard]);
      expect(await verdict()).toBe('good');
    });
  });

  describe('with links', () => {
    const slow = 'the PCI link of 0000:01:00.0 is slower than it can be';
    const narrow = 'the PCI link of 0000:01:00.0 has fewer lanes than it can have';

    it.each<[string, FixtureTree, string]>([
      ['as good as they can be', {}, 'good'],
      [
        'in a slot with fewer lanes',
        { [`${rootPort}/max_link_width`]: '8', [`${upperPort}/current_link_width`]: '8' },
        'good',
      ],
      [
        'in a slower slot',
        { [`${rootPort}/max_link_speed`]: '8.0 GT/s PCIe', [`${upperPort}/current_link_speed`]: '8.0 GT/s PCIe' },
        'good',
      ],
      ['with lanes that failed', { [`${upperPort}/current_link_width`]: '4' }, narrow],
      ['at a lower speed', { [`${upperPort}/current_link_speed`]: '8.0 GT/s PCIe' }, slow],
      ['in the words of older kernels', { [`${upperPort}/current_link_speed`]: '8 GT/s' }, slow],
      ['at an unknown speed', { [`${upperPort}/current_link_speed`]: 'Unknown' }, 'good'],
      ['with no lanes at all', { [`${upperPort}/current_link_width`]: '0' }, 'good'],
      ['with an unknown number of lanes', { [`${upperPort}/current_link_width`]: '255' }, 'good'],
      [
        'at a speed that the card has lowered by itself',
        { [`${upperPort}/current_link_speed`]: '8.0 GT/s PCIe', [`${device}/auto_link_downgrade_status`]: '1\n' },
        'good',
      ],
    ])('judges a card %s', async (_what, changes, expected) => {
      await fixture.add({ ...wellLinks, ...changes });
      expect(await verdict()).toBe(expected);
    });

    it('does not judge by them when it is not to', async () => {
      await fixture.add({ ...wellLinks, [`${upperPort}/current_link_width`]: '4', ...sensor('temp1', 90_000) });
      source = new PciHealth(new Host(fixture.root), { ...rules, checksLink: false });
      expect(await verdict()).toBe('good');
    });

    it('judges a card right below a root port', async () => {
      const place = `${rootPort}/0000:04:00.0`;
      await fixture.add({
        [`sys/bus/pci/devices/0000:04:00.0`]: link(`../../../devices/pci0000:00/0000:00:01.0/0000:04:00.0`),
        ...linkOf(rootPort, ['16.0 GT/s PCIe', 16]),
        ...linkOf(place, ['16.0 GT/s PCIe', 8], ['16.0 GT/s PCIe', 16]),
      });
      expect((await source.read([otherCard])).get('card1')).toMatchObject({ state: 'bad' });
    });
  });

  describe('with temperatures', () => {
    it.each<[string, FixtureTree, string]>([
      ['of i915', sensor('temp1', 90_000), 'good'],
      ['of i915, too high', sensor('temp1', 90_001), 'the GPU is above 90 °C'],
      ['of the GPU', sensor('temp2', 95_000, 'pkg'), 'the GPU is above 90 °C'],
      ['of the memory', sensor('temp3', 81_000, 'vram'), 'the memory is above 80 °C'],
      ['of a part of the memory', sensor('temp6', 81_000, 'vram_ch_0'), 'the memory is above 80 °C'],
      ['of another part', sensor('temp4', 95_000, 'mctrl'), 'good'],
      ['of another part, too high', sensor('temp4', 100_500, 'mctrl'), 'sensor mctrl is above 100 °C'],
      ['above what is critical', sensor('temp2', 71_000, 'pkg', 70_000), 'the GPU is above 70 °C'],
      ['of a sensor that failed', sensor('temp2', -999_000, 'pkg'), 'good'],
    ])('judges those %s', async (_what, sensors, expected) => {
      await fixture.add(sensors);
      expect(await verdict()).toBe(expected);
    });

    it.each(['', 'abc', '1e9', '99999999999999'])('takes %j for no temperature', async (text) => {
      await fixture.write(`${device}/hwmon/hwmon0/temp1_input`, text);
      expect(await verdict()).toBe('unknown');
    });
  });
});
