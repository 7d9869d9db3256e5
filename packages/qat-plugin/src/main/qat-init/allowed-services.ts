// SPDX-License-Identifier: Apache-2.0
import type { DeviceGeneration } from '../../sysfs/device-generations.ts';

/**
 * Why devices of this generation cannot have these services, as the end of a sentence that names the value, or undefined when they can.
 * Their order is free. A kernel may know fewer combinations; that it says itself.
 *
 * Kernel ABI: Documentation/ABI/testing/sysfs-driver-qat (cfg_services): Gen4 combines two, Gen6 three, and `dcc` goes with nothing else.
 */
export function serviceProblem(generation: DeviceGeneration, value: string): string | undefined {
  return isAllowed(generation, value) ? undefined : `is not possible: ${allowedServices(generation)}`;
}

/** Which services devices of this generation can have, as a sentence. */
export function allowedServices({ pfDriver }: DeviceGeneration): string {
  const rule = rules.get(pfDriver);
  if (rule === undefined) return `${pfDriver} devices have no choice of services`;
  return `${pfDriver} devices allow ${alone} alone, or up to ${rule.most} of ${rule.combined.join(', ')} with ";" between them`;
}

/** Whether two values of `cfg_services` mean the same: newer kernels bring them into an order of their own. */
export function areSameServices(one: string, other: string): boolean {
  const [first, second] = [one, other].map((value) => servicesOf(value).sort().join(';'));
  return first === second;
}

function isAllowed({ pfDriver }: DeviceGeneration, value: string): boolean {
  const rule = rules.get(pfDriver);
  if (rule === undefined) return false;
  const services = servicesOf(value);
  const areDistinct = new Set(services).size === services.length && services.length <= rule.most;
  return value === alone || (areDistinct && services.every((service) => rule.combined.includes(service)));
}

function servicesOf(value: string): string[] {
  return value.split(';').map((service) => service.trim());
}

interface Rule {
  readonly combined: readonly string[];
  /** How many of them at once. */
  readonly most: number;
}

/** Goes with no other service. */
const alone = 'dcc';

const gen4: Rule = { combined: ['sym', 'asym', 'dc'], most: 2 };
const rules: ReadonlyMap<string, Rule> = new Map([
  ['4xxx', gen4],
  ['420xx', gen4],
  ['6xxx', { combined: ['sym', 'asym', 'dc', 'decomp'], most: 3 }],
]);
