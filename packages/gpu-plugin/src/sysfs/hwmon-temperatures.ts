// SPDX-License-Identifier: Apache-2.0
import type { TemperatureLimits } from '../options/health-options.ts';
import type { DeviceAttributes } from './device-attributes.ts';

/**
 * Looks for temperatures above the limits, or above what the driver calls critical.
 *
 * Kernel ABI: Documentation/hwmon/sysfs-interface.rst (`temp<N>_input`, `temp<N>_crit` in thousandths of a degree, `temp<N>_label`),
 * Documentation/ABI/testing/sysfs-driver-intel-xe-hwmon (`pkg`, `vram`), Documentation/ABI/testing/sysfs-driver-intel-i915-hwmon (no labels).
 *
 * @throws DevicePluginError `HOST_TIMEOUT` when a sensor does not answer.
 */
export async function readTemperatureFaults(
  attributes: DeviceAttributes,
  device: string,
  limits: TemperatureLimits,
): Promise<readonly string[] | undefined> {
  const faults: string[] = [];
  let isShown = false;
  for (const sensor of await sensorsOf(attributes, `${device}/hwmon`)) {
    const celsius = parseCelsius(await attributes.probe(`${sensor}_input`));
    if (celsius === undefined) continue;
    isShown = true;
    const { part, limitCelsius } = limitOf(await attributes.text(`${sensor}_label`), limits);
    const criticalCelsius = parseCelsius(await attributes.text(`${sensor}_crit`)) ?? Infinity;
    const above = Math.min(limitCelsius, criticalCelsius);
    if (celsius > above) faults.push(`${part} is above ${above} °C`);
  }
  return isShown ? faults : undefined;
}

/** Their paths without the last part: `/sys/…/hwmon3/temp2`. */
async function sensorsOf(attributes: DeviceAttributes, directory: string): Promise<string[]> {
  const sensors: string[] = [];
  for (const monitor of await attributes.list(directory)) {
    for (const name of await attributes.list(`${directory}/${monitor}`)) {
      const [, sensor] = /^(temp\d{1,3})_input$/.exec(name) ?? [];
      if (sensor !== undefined) sensors.push(`${directory}/${monitor}/${sensor}`);
    }
  }
  return sensors;
}

/** A sensor without a label is that of the GPU: i915 has no other. The limit for all parts counts for each. */
function limitOf(label: string | undefined, limits: TemperatureLimits): { part: string; limitCelsius: number } {
  const { globalCelsius, gpuCelsius, memoryCelsius } = limits;
  if (label === undefined || label === '' || label === 'pkg')
    return { part: 'the GPU', limitCelsius: Math.min(globalCelsius, gpuCelsius) };
  if (label.startsWith('vram')) return { part: 'the memory', limitCelsius: Math.min(globalCelsius, memoryCelsius) };
  return { part: `sensor ${label.slice(0, maxLabelLength)}`, limitCelsius: globalCelsius };
}

const maxLabelLength = 60;

function parseCelsius(text: string | undefined): number | undefined {
  return /^-?\d{1,9}$/.test(text ?? '') ? Number(text) / 1000 : undefined;
}
