// SPDX-License-Identifier: Apache-2.0
import type { Host } from '@kube-device-plugins/core';
import type { FpgaDriver } from './fpga-snapshot.ts';

/** Where a driver of the kernel shows its FPGAs, and under which names. */
export interface DriverLayout {
  readonly driver: FpgaDriver;
  readonly classDirectory: string;
  /** What an FPGA is called in it. */
  readonly devicePattern: RegExp;
  /** What the names of management engines begin with, in sysfs and in /dev. */
  readonly fmePrefix: string;
  /** The same of ports. */
  readonly portPrefix: string;
  /** The interface ids of all regions of a management engine, each once. */
  readonly readInterfaceIds: (host: Host, fmeDirectory: string) => Promise<readonly string[]>;
}

/** In the order in which they are looked for: where there are both, OPAE counts, as upstream has it. */
export const driverLayouts: readonly DriverLayout[] = [
  {
    driver: 'opae',
    classDirectory: '/sys/class/fpga',
    devicePattern: /^intel-fpga-dev\.\d+$/,
    fmePrefix: 'intel-fpga-fme.',
    portPrefix: 'intel-fpga-port.',
    readInterfaceIds: async (host, fme) => distinctIds([await host.readText(`${fme}/pr/interface_id`, maxIdBytes)]),
  },
  {
    driver: 'dfl',
    classDirectory: '/sys/class/fpga_region',
    devicePattern: /^region\d+$/,
    fmePrefix: 'dfl-fme.',
    portPrefix: 'dfl-port.',
    readInterfaceIds: readCompatIds,
  },
];

/** Most bytes of an id: 32 digits and a line end, with room for dashes. */
export const maxIdBytes = 256;

/** An id as it is compared and named: upstream writes ids without dashes and in lower case (pkg/fpga, CanonizeID). */
export function canonicalId(text = ''): string {
  return text.trim().replaceAll('-', '').toLowerCase();
}

/** Kernel ABI: Documentation/ABI/testing/sysfs-class-fpga-region (compat_id). One region for each that can be programmed by itself. */
async function readCompatIds(host: Host, fmeDirectory: string): Promise<readonly string[]> {
  const ids: (string | undefined)[] = [];
  for (const device of await host.list(fmeDirectory)) {
    if (!/^dfl-fme-region\.\d+$/.test(device)) continue;
    const regions = `${fmeDirectory}/${device}/fpga_region`;
    for (const region of await host.list(regions))
      ids.push(await host.readText(`${regions}/${region}/compat_id`, maxIdBytes));
  }
  return distinctIds(ids);
}

function distinctIds(texts: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(texts.map(canonicalId).filter((id) => id !== ''))];
}
