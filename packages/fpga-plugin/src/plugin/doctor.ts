// SPDX-License-Identifier: Apache-2.0
import { isBdf, type Host } from '@kube-device-plugins/core';
import { defineCheck, notApplicable, ok, problem, type Check, type Verdict } from '@kube-device-plugins/core/doctor';
import { boardOf } from '../sysfs/boards.ts';
import { driverLayouts } from '../sysfs/driver-layout.ts';

/** What can be wrong with a node for FPGAs. */
export const checks: readonly Check[] = [
  defineCheck({
    id: 'fpga-driver',
    what: 'the driver of FPGAs',
    why: 'functions and regions are what the driver shows of a board: without it there is nothing to hand out',
    remedy: 'modprobe dfl-pci && modprobe dfl-afu && modprobe dfl-fme   # or the driver of OPAE, not both',
    read: async ({ host }) => ({ boards: await readBoards(host), ...(await readClasses(host)) }),
    judge: judgeDriver,
  }),
  defineCheck({
    id: 'fpga-nodes',
    what: 'the device nodes of ports in /dev',
    why: 'a port is what a container gets, and a plugin only sees it where /dev is mounted from the node',
    remedy: 'kubectl apply -k deployments/fpga-plugin   # its DaemonSet mounts /dev',
    read: ({ host }) => readPorts(host),
    judge: judgePorts,
  }),
];

interface DriverFacts {
  /** Boards with their driver: `0000:5e:00.0 (PAC with Arria 10 GX)`. */
  readonly boards: readonly { readonly name: string; readonly driver: string | undefined }[];
  /** Classes of drivers that are there, and how many FPGAs they show. */
  readonly classes: readonly string[];
  readonly count: number;
}

function judgeDriver({ boards, classes, count }: DriverFacts): Verdict {
  if (boards.length === 0 && count === 0) return notApplicable('there is no board with an FPGA that is known');
  const without = boards.filter(({ driver }) => driver === undefined);
  if (without.length > 0) return problem(`${without.map(({ name }) => name).join(', ')} has no driver`);
  if (count === 0) return problem(`${boards.map(({ name }) => name).join(', ')}: its driver shows no FPGA`);
  return ok(`${count} in ${classes.join(' and ')}`);
}

function judgePorts({
  known,
  missing,
}: {
  readonly known: readonly string[];
  readonly missing: readonly string[];
}): Verdict {
  if (known.length === 0) return notApplicable('there is no port');
  return missing.length === 0 ? ok(known.join(', ')) : problem(`/dev lacks ${missing.join(', ')}`);
}

async function readBoards(host: Host): Promise<DriverFacts['boards']> {
  const boards: { name: string; driver: string | undefined }[] = [];
  for (const bdf of (await host.list('/sys/bus/pci/devices')).filter(isBdf)) {
    const device = `/sys/bus/pci/devices/${bdf}`;
    const read = async (name: string): Promise<string> => (await host.readText(`${device}/${name}`)) ?? '';
    const board = boardOf(await read('vendor'), await read('device'));
    if (board !== undefined)
      boards.push({ name: `${bdf} (${board.name})`, driver: await host.linkName(`${device}/driver`) });
  }
  return boards;
}

async function readClasses(host: Host): Promise<Pick<DriverFacts, 'classes' | 'count'>> {
  const entries = await Promise.all(
    driverLayouts.map(async ({ classDirectory, devicePattern }) => ({
      classDirectory,
      count: (await host.list(classDirectory)).filter((name) => devicePattern.test(name)).length,
    })),
  );
  const shown = entries.filter(({ count }) => count > 0);
  return {
    classes: shown.map(({ classDirectory }) => classDirectory),
    count: shown.reduce((sum, { count }) => sum + count, 0),
  };
}

/** Ports are platform devices, and their nodes have the same names with a dot for the number. */
async function readPorts(
  host: Host,
): Promise<{ readonly known: readonly string[]; readonly missing: readonly string[] }> {
  const prefixes = driverLayouts.map(({ portPrefix }) => portPrefix);
  const names = await host.list('/sys/bus/platform/devices');
  const known = names.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
  const there = new Set(await host.list('/dev'));
  return { known, missing: known.filter((name) => !there.has(name)) };
}
