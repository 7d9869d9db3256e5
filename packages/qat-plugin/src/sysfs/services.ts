// SPDX-License-Identifier: Apache-2.0
import type { Host } from '@kube-device-plugins/core';
import { parseIni } from './ini-file.ts';
import { debugDirectory, type PhysicalFunction } from './physical-functions.ts';

/** Services as the kernel writes them, `sym;asym`, or why they are not known. */
export type Services = { readonly services: string } | { readonly problem: string };

/**
 * The services that a PF is configured for: of sysfs while it is up, else of its configuration in debugfs, which older kernels have.
 * Rejects with `HOST_UNREADABLE`.
 *
 * Kernel ABI: Documentation/ABI/testing/sysfs-driver-qat (qat/state, qat/cfg_services; Linux 6.0); dev_cfg: adf_cfg.c.
 */
export async function readServices(host: Host, pf: PhysicalFunction): Promise<Services> {
  const state = await host.readText(`${pf.directory}/qat/state`);
  const services = state === 'up' ? await host.readText(`${pf.directory}/qat/cfg_services`) : undefined;
  return checked(services || (await readFromDebugfs(host, pf)));
}

async function readFromDebugfs(host: Host, pf: PhysicalFunction): Promise<string> {
  const configuration = (await host.readText(`${debugDirectory(pf)}/dev_cfg`)) ?? '';
  return parseIni(configuration).get('GENERAL')?.get('ServicesEnabled') ?? '';
}

function checked(text: string): Services {
  const services = text.trim();
  if (services === '') return { problem: 'neither qat/cfg_services nor dev_cfg in debugfs name services' };
  if (services.length <= maxLength && threeNames.test(services)) return { services };
  return { problem: `${JSON.stringify(services.slice(0, maxLength))} is not a list of up to three services` };
}

/** The name of a resource, which services become, is no longer. */
const maxLength = 63;
/** The kernel combines three services at most (Linux 6.16, adf_cfg_services.h). */
const threeNames = /^[a-z0-9]+(;[a-z0-9]+){0,2}$/i;
