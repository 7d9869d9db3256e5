// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, type Host } from '@kube-device-plugins/core';
import { readFpgas } from '../../sysfs.ts';
import type { Fme, FpgaDriver, FpgaSnapshot, Port } from '../../sysfs/fpga-snapshot.ts';
import type { ToolContext } from './tool-context.ts';

/** The FPGAs of a host with a driver. */
export type PresentFpgas = FpgaSnapshot & { readonly driver: FpgaDriver };

/** A device that a user names, and all that there are. */
export type NamedDevice = { readonly fpgas: PresentFpgas } & (
  { readonly kind: 'fme'; readonly fme: Fme } | { readonly kind: 'port'; readonly port: Port }
);

/** All FPGAs. Rejects with `PROGRAMMING_REFUSED` where there is no driver for them. */
export async function presentFpgas(host: Host): Promise<PresentFpgas> {
  const { driver, ...rest } = await readFpgas(host);
  if (driver !== undefined) return { driver, ...rest };
  throw new DevicePluginError(
    'PROGRAMMING_REFUSED',
    rest.remarks.map(({ message, reason }) => `${message}: ${reason}`).join('; '),
  );
}

/**
 * The device that a path or a name in /dev stands for. Only devices that sysfs knows are ever opened.
 * Rejects with `PROGRAMMING_REFUSED` when it is none, and warns of what was left out: it may be among that.
 */
export async function findDevice({ access, warn }: ToolContext, name: string): Promise<NamedDevice> {
  const { host } = access;
  const fpgas = await presentFpgas(host);
  const path = await host.realPath(name.includes('/') ? name : `/dev/${name}`);
  const fme = fpgas.fmes.find(({ node }) => node === path);
  if (fme !== undefined) return { fpgas, kind: 'fme', fme };
  const port = fpgas.ports.find(({ node }) => node === path);
  if (port !== undefined) return { fpgas, kind: 'port', port };
  fpgas.remarks.forEach(warn);
  const known = [...fpgas.fmes, ...fpgas.ports].map((device) => device.name).join(', ') || 'none';
  throw new DevicePluginError('PROGRAMMING_REFUSED', `${name} is no FPGA device of this host; there are: ${known}`);
}
