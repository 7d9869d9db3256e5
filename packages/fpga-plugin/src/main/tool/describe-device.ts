// SPDX-License-Identifier: Apache-2.0
import { fpgaCalls, type PortRegion } from '../ioctl/fpga-calls.ts';
import type { Fme, Port } from '../../sysfs/fpga-snapshot.ts';
import { readPortId } from '../programming/program-port.ts';
import { findDevice, type PresentFpgas } from './find-device.ts';
import { needed, table, type ToolContext } from './tool-context.ts';

/**
 * Prints what there is to know of a management engine or a port; what only its driver tells is left out with -q.
 * Where the driver refuses to tell, what is known is printed before this rejects.
 */
export async function describeDevice(context: ToolContext): Promise<void> {
  const device = await findDevice(context, needed(context, 'd'));
  const rows: Row[] = [];
  try {
    const all =
      device.kind === 'fme' ? fmeRows(context, device.fpgas, device.fme) : portRows(context, device.fpgas, device.port);
    for await (const row of all) rows.push(row);
  } finally {
    context.print(table(Object.fromEntries(rows)));
  }
}

type Row = readonly [name: string, value: string | number];

/** Kernel ABI: Documentation/ABI/testing/sysfs-platform-dfl-fme. */
async function* fmeRows({ access, flags }: ToolContext, { driver }: PresentFpgas, fme: Fme): AsyncGenerator<Row> {
  const read = async (file: string): Promise<string> => (await access.host.readText(`${fme.directory}/${file}`)) ?? '';
  yield* commonRows(fme);
  yield ['Interface UUID', fme.interfaceId];
  if (flags.q) return;
  yield ['Ports Num', await read('ports_num')];
  yield ['Socket Id', await read('socket_id')];
  yield ['Bitstream Id', await read('bitstream_id')];
  yield ['Bitstream Metadata', await read('bitstream_metadata')];
  yield ['API Version', await fpgaCalls(access.ioctl, driver).apiVersion(access.host.path(fme.node))];
}

async function* portRows(
  { access, flags }: ToolContext,
  { driver, fmes }: PresentFpgas,
  port: Port,
): AsyncGenerator<Row> {
  yield* commonRows(port);
  yield ['FME Name', port.fme ?? ''];
  yield ['Port Id', await readPortId(access.host, port)];
  yield ['Interface UUID', fmes.find(({ name }) => name === port.fme)?.interfaceId ?? ''];
  yield ['Accelerator UUID', port.afuId];
  if (flags.q) return;
  const calls = fpgaCalls(access.ioctl, driver);
  const node = access.host.path(port.node);
  yield ['API Version', await calls.apiVersion(node)];
  yield* (await calls.portRegions(node)).map(regionRow);
}

function commonRows({ name, node, directory, pci }: Fme | Port): readonly Row[] {
  return [
    ['Name', name],
    ['Device Node', node],
    ['SysFS Path', directory],
    ['PCI Device', pci.bdf],
  ];
}

function regionRow({ index, bytes, access }: PortRegion): Row {
  return [`Region ${index}`, `${bytes} bytes, ${access}`];
}
