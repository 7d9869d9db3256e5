// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import type { FpgaCard } from './fpga-card.ts';
import type { Fme, Port } from './fpga-snapshot.ts';

/** The FMEs and ports of all cards, each port with the FME of its region, and each FME with what is missing of its own. */
export function relatePorts(cards: readonly FpgaCard[]): {
  readonly fmes: readonly Fme[];
  readonly ports: readonly Port[];
} {
  const ports = cards.flatMap((card) => card.ports.map((port) => ({ ...port, ...fmeOf(card, cards) })));
  const missing = cards.flatMap((card) => card.missingPorts.map((name) => ({ name, fme: fmeOf(card, cards).fme })));
  const fmes = cards.flatMap((card) => card.fmes);
  return {
    ports,
    fmes: fmes.map((fme) => {
      const missingPorts = missing.filter((port) => port.fme === fme.name).map(({ name }) => name);
      return missingPorts.length === 0 ? fme : { ...fme, missingPorts };
    }),
  };
}

/** The one FME of the card, or else of the physical function; or why there is none. */
function fmeOf(card: FpgaCard, all: readonly FpgaCard[]): Pick<Port, 'fme' | 'fmeProblem'> {
  const { bdf, directory, physicalFunction } = card.pci;
  const home = physicalFunction ?? directory;
  const near = card.fmeNames.length > 0 ? [card] : all.filter(({ pci }) => pci.directory === home);
  const [name, ...others] = near.flatMap(({ fmeNames }) => fmeNames);
  const isRead = near.some(({ fmes }) => fmes.some((fme) => fme.name === name));
  if (name !== undefined && others.length === 0 && isRead) return { fme: name };
  return { fme: undefined, fmeProblem: problemOf([name, ...others], bdf, physicalFunction) };
}

function problemOf(names: readonly (string | undefined)[], bdf: string, physicalFunction: string | undefined): string {
  const [name] = names;
  if (names.length > 1) return `nobody can tell which management engine (FME) it belongs to: ${names.join(', ')}`;
  if (name !== undefined) return `its management engine (FME) ${name} is left out`;
  if (physicalFunction !== undefined)
    return `${posix.basename(physicalFunction)}, whose virtual function ${bdf} is, has no management engine (FME) here`;
  return `${bdf} has no management engine (FME): in a virtual machine only the host has it, and elsewhere it is dfl-fme that is not loaded`;
}
