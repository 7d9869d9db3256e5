// SPDX-License-Identifier: Apache-2.0
import { type Host, messageOf, type Remark } from '@kube-device-plugins/core';
import { readIsAlive } from './heartbeat.ts';
import type { PhysicalFunction } from './physical-functions.ts';
import { readServices } from './services.ts';

/** What a PF says of all of its VFs. */
export interface PfCondition {
  /** As the kernel writes them; empty where there are none, or none that are known. */
  readonly services: string;
  readonly isAlive: boolean;
  readonly remarks: readonly Remark[];
}

/** What there is to say of a PF that cannot be seen. */
export const unknownPf: PfCondition = { services: '', isAlive: true, remarks: [] };

/** What of it cannot be read counts as unknown: a remark says why. */
export async function readPfCondition(host: Host, pf: PhysicalFunction, hasServices: boolean): Promise<PfCondition> {
  const remarks: Remark[] = [];
  const remark = (message: string, reason: string): void => {
    remarks.push({ message, subject: pf.bdf, reason });
  };
  return {
    services: hasServices ? await readKnownServices(host, pf, remark) : '',
    isAlive: await readKnownHealth(host, pf, remark),
    remarks,
  };
}

type AddRemark = (message: string, reason: string) => void;

async function readKnownServices(host: Host, pf: PhysicalFunction, remark: AddRemark): Promise<string> {
  try {
    const found = await readServices(host, pf);
    if ('services' in found) return found.services;
    remark(generic, found.problem);
  } catch (error) {
    remark(generic, messageOf(error));
  }
  return '';
}

const generic = 'services are not known, the resource is generic';

async function readKnownHealth(host: Host, pf: PhysicalFunction, remark: AddRemark): Promise<boolean> {
  try {
    return await readIsAlive(host, pf);
  } catch (error) {
    remark('heartbeat cannot be read, the devices count as healthy', messageOf(error));
    return true;
  }
}
