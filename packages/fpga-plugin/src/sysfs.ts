// SPDX-License-Identifier: Apache-2.0
import type { Host, Remark } from '@kube-device-plugins/core';
import { driverLayouts, type DriverLayout } from './sysfs/driver-layout.ts';
import { readFpgaCard, tolerate, type FpgaCard } from './sysfs/fpga-card.ts';
import type { Fme, FpgaSnapshot } from './sysfs/fpga-snapshot.ts';

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
  const layout = await findDriver(host);
  if (layout === undefined) return { driver: undefined, fmes: [], ports: [], remarks: [noDriver] };
  const remarks: Remark[] = [];
  const cards = await readCards(host, layout, remarks);
  const fmes = cards.flatMap((card) => card.fmes);
  const ports = cards.flatMap((card) => card.ports.map((port) => ({ ...port, fme: fmeOf(card, fmes) })));
  remarks.push(...cards.flatMap((card) => card.remarks));
  return {
    driver: layout.driver,
    fmes: byNumber(fmes, layout.fmePrefix),
    ports: byNumber(ports, layout.portPrefix),
    remarks,
  };
}

const classDirectories = driverLayouts.map(({ classDirectory }) => classDirectory);

const noDriver: Remark = {
  message: 'there is no driver for FPGAs',
  subject: classDirectories.join(', '),
  reason: `neither ${classDirectories.join(' nor ')} is there: load dfl-pci, or the driver of OPAE`,
};

async function findDriver(host: Host): Promise<DriverLayout | undefined> {
  for (const layout of driverLayouts) if (await host.exists(layout.classDirectory)) return layout;
  return undefined;
}

async function readCards(host: Host, layout: DriverLayout, remarks: Remark[]): Promise<readonly FpgaCard[]> {
  const cards: FpgaCard[] = [];
  for (const name of await host.list(layout.classDirectory)) {
    if (!layout.devicePattern.test(name)) continue;
    await tolerate(remarks, { message: 'FPGA is left out', subject: name }, async () => {
      const card = await readFpgaCard(host, layout, `${layout.classDirectory}/${name}`);
      if (card !== undefined) cards.push(card);
    });
  }
  return cards;
}

/** The one FME of the card, or else of the physical function; undefined where there is none, or nobody can tell which it is. */
function fmeOf({ pci, fmes }: FpgaCard, all: readonly Fme[]): string | undefined {
  const home = pci.physicalFunction ?? pci.directory;
  const candidates = fmes.length > 0 ? fmes : all.filter((fme) => fme.pci.directory === home);
  return candidates.length === 1 ? candidates[0]?.name : undefined;
}

function byNumber<T extends { readonly name: string }>(all: readonly T[], prefix: string): readonly T[] {
  const numberOf = ({ name }: T): number => Number(name.slice(prefix.length));
  return all.toSorted((a, b) => numberOf(a) - numberOf(b));
}
