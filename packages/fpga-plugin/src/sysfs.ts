// SPDX-License-Identifier: Apache-2.0
import type { Host, Remark } from '@kube-device-plugins/core';
import { entriesOfClass, findDriver, noDriver } from './sysfs/driver-class.ts';
import type { DriverLayout } from './sysfs/driver-layout.ts';
import { readFpgaCard, tolerate, type FpgaCard } from './sysfs/fpga-card.ts';
import type { FpgaSnapshot } from './sysfs/fpga-snapshot.ts';
import { relatePorts } from './sysfs/port-fme.ts';

/**
 * The directories of the host that have to be mounted where the plugin runs: all of /dev, for the nodes of ports lie in it by themselves.
 * /sys is in every container.
 */
export const hostPaths = ['/dev'];

/**
 * Reads the FPGAs of the host: management engines (FME), ports, and which belong together. With SR-IOV, a port that was given to a
 * virtual function has its FME on the physical one. What cannot be read is left out with a remark, and hides nothing else.
 *
 * @throws DevicePluginError `HOST_UNREADABLE` when nobody can tell which FPGAs there are.
 *
 * Kernel ABI: Documentation/fpga/dfl.rst; for OPAE, the layout of its driver outside of the kernel tree.
 */
export async function readFpgas(host: Host): Promise<FpgaSnapshot> {
  const remarks: Remark[] = [];
  const layout = await findDriver(host, remarks);
  if (layout === undefined) return { driver: undefined, fmes: [], ports: [], remarks: [noDriver] };
  const cards = await readCards(host, layout, remarks);
  const { fmes, ports } = relatePorts(cards);
  return {
    driver: layout.driver,
    fmes: byNumber(fmes, layout.fmePrefix),
    ports: byNumber(ports, layout.portPrefix),
    remarks: [...remarks, ...cards.flatMap((card) => card.remarks)],
  };
}

async function readCards(host: Host, layout: DriverLayout, remarks: Remark[]): Promise<readonly FpgaCard[]> {
  const cards: FpgaCard[] = [];
  for (const name of await entriesOfClass(host, layout, remarks)) {
    await tolerate(remarks, { message: 'FPGA is left out', subject: name }, async () => {
      const card = await readFpgaCard(host, layout, `${layout.classDirectory}/${name}`);
      if (card !== undefined) cards.push(card);
    });
  }
  return cards;
}

function byNumber<T extends { readonly name: string }>(all: readonly T[], prefix: string): readonly T[] {
  const numberOf = ({ name }: T): number => Number(name.slice(prefix.length));
  return all.toSorted((a, b) => numberOf(a) - numberOf(b));
}
