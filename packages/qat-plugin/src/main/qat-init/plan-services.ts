// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import { allowedServices, areSameServices, serviceProblem } from './allowed-services.ts';
import type { Setting } from './configuration.ts';
import { pciDevices, type PfFacts } from './host-facts.ts';
import type { WriteStep } from './step.ts';

/**
 * Has a physical function offer other services: down, services, up. One that is down is brought up in any case.
 *
 * A device without choice passes over what is wished for the whole node.
 *
 * @throws DevicePluginError `CONFIG_INVALID` when its generation does not allow them, `HOST_UNREADABLE` when its driver has no choice of services.
 * Kernel ABI: Documentation/ABI/testing/sysfs-driver-qat: services can be set only while the device is down.
 */
export function planServices(pf: PfFacts, wish: Setting<string> | undefined): readonly WriteStep[] {
  const change = wish !== undefined && isChange(pf, wish) ? wish : undefined;
  if (change === undefined) return pf.state === 'down' ? [stateStep(pf, 'up', 'it is down')] : [];
  const reason = `services of ${pf.bdf} ${pf.services ?? ''} -> ${change.value} (${change.where})`;
  return [
    ...(pf.state === 'up' ? [stateStep(pf, 'down', reason)] : []),
    servicesStep(pf, change, reason),
    stateStep(pf, 'up', reason),
  ];
}

function isChange({ bdf, generation, services }: PfFacts, { value, where, scope }: Setting<string>): boolean {
  if (!generation.hasServices && scope === 'node') return false;
  const problem = serviceProblem(generation, value);
  if (problem !== undefined)
    throw new DevicePluginError('CONFIG_INVALID', `${where}: ${JSON.stringify(value)} ${problem} (${bdf})`);
  if (services === undefined) {
    throw new DevicePluginError(
      'HOST_UNREADABLE',
      `${where} is ${JSON.stringify(value)}, but there is no ${fileOf(bdf, 'cfg_services')}: ${requirement}`,
    );
  }
  return !areSameServices(services, value);
}

const requirement =
  'the device has to be bound to its driver, qat_4xxx of Linux 6.0, qat_420xx of 6.8, qat_6xxx of 6.16 or later';

function servicesStep(pf: PfFacts, { value }: Setting<string>, reason: string): WriteStep {
  const hint = `${allowedServices(pf.generation)}, and this kernel may know fewer of them; see dmesg for qat`;
  return { kind: 'write', path: fileOf(pf.bdf, 'cfg_services'), text: value, proof: 'services', reason, hint };
}

function stateStep({ bdf }: PfFacts, text: 'up' | 'down', reason: string): WriteStep {
  const hint =
    'a device that is used does not change: end the pods that have its virtual functions, and see dmesg for qat';
  return { kind: 'write', path: fileOf(bdf, 'state'), text, proof: 'same', reason, hint };
}

function fileOf(bdf: string, attribute: string): string {
  return `${pciDevices}/${bdf}/qat/${attribute}`;
}
