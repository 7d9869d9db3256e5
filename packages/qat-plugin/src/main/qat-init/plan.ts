// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import { wishesFor, type Configuration, type Wishes } from './configuration.ts';
import { pciDevices, vfioPci, type HostFacts, type PfFacts } from './host-facts.ts';
import { planServices } from './plan-services.ts';
import { planVfs } from './plan-vfs.ts';
import type { Plan, Step, WriteStep } from './step.ts';

/**
 * What is to be done on a host so that it is as the configuration wants it: services, then SR-IOV, of each physical function (PF); when
 * its virtual functions (VFs) are there, their binding, and then the automatic reset. A host that is as it should be has an empty plan.
 *
 * @throws DevicePluginError `CONFIG_INVALID` for a wish that a PF cannot fulfil, `HOST_UNREADABLE` for what the host lacks; nothing is done then.
 */
export function planProvisioning(facts: HostFacts, configuration: Configuration): Plan {
  const plans = facts.pfs.map((pf) => planPf(pf, wishesFor(configuration, pf.bdf)));
  const bindings = plans.flatMap((plan) => plan.bindings);
  const later = plans.flatMap((plan) => plan.later);
  if (!facts.hasVfioPci && bindings.length + later.length > 0) throw noVfioPci();
  const resets = plans.flatMap((plan) => plan.reset);
  const devices = plans.flatMap((plan) => plan.device);
  if (later.length === 0) return { steps: [...devices, ...bindings, ...resets], later: [] };
  return { steps: [...devices, ...bindings], later: [...later, ...resets.map(({ reason }) => reason)] };
}

interface PfPlan {
  readonly device: readonly Step[];
  readonly bindings: readonly Step[];
  readonly reset: readonly WriteStep[];
  readonly later: readonly string[];
}

function planPf(pf: PfFacts, wishes: Wishes): PfPlan {
  const services = planServices(pf, wishes.services);
  const { sriov, bindings, later } = planVfs(
    pf,
    wishes.numVfs,
    services.some(({ text }) => text === 'down'),
  );
  return { device: [...services, ...sriov], bindings, later, reset: planAutoReset(pf, wishes.autoReset) };
}

function planAutoReset({ bdf, autoReset }: PfFacts, wish: Wishes['autoReset']): readonly WriteStep[] {
  if (wish === undefined || wish.value === autoReset) return [];
  const path = `${pciDevices}/${bdf}/qat/auto_reset`;
  const hint = 'Linux has auto_reset since 6.9, for 4xxx and later devices bound to their driver';
  if (autoReset === undefined)
    throw new DevicePluginError('HOST_UNREADABLE', `${wish.where} is ${wish.value}, but there is no ${path}: ${hint}`);
  const reason = `automatic reset of ${bdf} ${autoReset} -> ${wish.value} (${wish.where})`;
  return [{ kind: 'write', path, text: wish.value, proof: 'same', reason, hint }];
}

function noVfioPci(): DevicePluginError {
  return new DevicePluginError(
    'HOST_UNREADABLE',
    `there is no /sys/bus/pci/drivers/${vfioPci} to bind virtual functions to: run "modprobe vfio-pci" on the host`,
  );
}
