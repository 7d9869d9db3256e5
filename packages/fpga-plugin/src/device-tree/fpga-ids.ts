// SPDX-License-Identifier: Apache-2.0
import type { Fme, FpgaSnapshot, Port } from '../sysfs/fpga-snapshot.ts';
import { isFpgaId } from './resource-names.ts';

/** The ids that FMEs and ports had when they last had one, by their directories in sysfs. */
export type KnownIds = ReadonlyMap<string, string>;

/** Under which id a device goes, and what is wrong with it. */
export interface Identity {
  /** Undefined: there is none, and there never was. */
  readonly id: string | undefined;
  /** As the end of a sentence. */
  readonly problem: string | undefined;
}

/** The ids that are known now, with earlier ones of devices that are there and have none at the moment. */
export function knownIds({ fmes, ports }: FpgaSnapshot, before: KnownIds): KnownIds {
  const ids = [...fmes.map(nameOfFme), ...ports.map(nameOfPort)].map(({ directory, id, idProblem }) => {
    const known = idProblemOf(id, idProblem) === undefined ? id : before.get(directory);
    return [directory, known] as const;
  });
  return new Map(ids.flatMap(([directory, id]) => (id === undefined ? [] : [[directory, id]])));
}

/**
 * The interface id of a region. One without an id keeps the last one; where there never was any, all ones are a name too,
 * so that hardware that does not answer is seen. Upstream: cmd/fpga_plugin.
 */
export function identityOfFme(fme: Fme, known: KnownIds): Identity {
  return identityOf(nameOfFme(fme), known);
}

/** The same of the function that is loaded into a port. */
export function identityOfPort(port: Port, known: KnownIds): Identity {
  return identityOf(nameOfPort(port), known);
}

/** All ones is what PCI reads of hardware that does not answer. */
export function isAllOnes(id: string): boolean {
  return /^f+$/.test(id);
}

interface Named {
  readonly directory: string;
  readonly id: string;
  readonly idProblem?: string;
}

function nameOfFme({ interfaceId: id, ...fme }: Fme): Named {
  return { ...fme, id };
}

function nameOfPort({ afuId: id, ...port }: Port): Named {
  return { ...port, id };
}

function identityOf({ directory, id, idProblem }: Named, known: KnownIds): Identity {
  const problem = idProblemOf(id, idProblem);
  if (problem === undefined) return { id, problem };
  return { id: known.get(directory) ?? (isFpgaId(id) && isAllOnes(id) ? id : undefined), problem };
}

function idProblemOf(id: string, known: string | undefined): string | undefined {
  if (known !== undefined) return known;
  if (id === '') return 'is empty: the driver names none';
  if (!isFpgaId(id)) return `is not hexadecimal: ${JSON.stringify(id.slice(0, 64))}`;
  if (isAllOnes(id)) return 'is all ones: the hardware does not answer';
  return /^0+$/.test(id) ? 'is all zeros, which is the id of none' : undefined;
}
