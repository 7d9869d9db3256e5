// SPDX-License-Identifier: Apache-2.0
import { fpgaCalls, type PortRegion } from '../ioctl/fpga-calls.ts';
import type { Fme, Port } from '../../sysfs/fpga-snapshot.ts';
import { readPortId } from '../programming/program-port.ts';
import { findDevice, type PresentFpgas } from './find-device.ts';
import { needed, table, type ToolContext } from './tool-context.ts';

/** Prints what there is to know of a management engine or a port; what only its driver tells is left out with -q. */
export async function describeDevice(context: ToolContext): Promise<void> {
  const device = await findDevice(context, needed(context, 'd'));
  const rows =
    device.kind === 'fme'
      ? await fmeRows(context, device.fpgas, device.fme)
      : await portRows(context, device.fpgas, device.port);
  context.print(table(rows));
}

type Rows = Readonly<Record<string, string | number>>;

/** Kernel ABI: Documentation/ABI/testing/sysfs-platform-dfl-fme. */
async function fmeRows({ access, flags }: ToolContext, { driver }: PresentFpgas, fme: Fme): Promise<Rows> {
  const read = async (file: string): Promise<string> => (await access.host.readText(`${fme.directory}/${file}`)) ?? '';
  const rows = { ...commonRows(fme), 'Interface UUID': fme.interfaceId };
  if (flags.q) return rows;
  return {
    ...rows,
    'API Version': await fpgaCalls(access.ioctl, driver).apiVersion(access.host.path(fme.node)),
    'Ports Num': await read('ports_num'),
    'Socket Id': await read('socket_id'),
    'Bitstream Id': await read('bitstream_id'),
    'Bitstream Metadata': await read('bitstream_metadata'),
  };
}

async function portRows({ access, flags }: ToolContext, { driver, fmes }: PresentFpgas, port: Port): Promise<Rows> {
  const rows = {
    ...commonRows(port),
    'FME Name': port.fme ?? '',
    'Port Id': await readPortId(access.host, port),
    'Interface UUID': fmes.find(({ name }) => name === port.fme)?.interfaceId ?? '',
    'Accelerator UUID': port.afuId,
  };
  if (flags.q) return rows;
  const calls = fpgaCalls(access.ioctl, driver);
  const node = access.host.path(port.node);
  return {
    ...rows,
    'API Version': await calls.apiVersion(node),
    ...Object.fromEntries((await calls.portRegions(node)).map(regionRow)),
  };
}

function commonRows({ name, node, directory, pci }: Fme | Port): Rows {
  return { Name: name, 'Device Node': node, 'SysFS Path': directory, 'PCI Device': pci.bdf };
}

function regionRow({ index, bytes, access }: PortRegion): readonly [string, string] {
  return [`Region ${index}`, `${bytes} bytes, ${access}`];
}
