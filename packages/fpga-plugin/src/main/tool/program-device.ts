// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, type Host } from '@kube-device-plugins/core';
import type { Fme, Port } from '../../sysfs/fpga-snapshot.ts';
import { openBitstream } from '../bitstreams/bitstream.ts';
import { fpgaCalls } from '../ioctl/fpga-calls.ts';
import { checkProgram, runProgram } from '../programming/program-port.ts';
import { findDevice, type NamedDevice, type PresentFpgas } from './find-device.ts';
import { needed, table, type ToolContext } from './tool-context.ts';

/** Programs a port with a bitstream; with -dry-run it checks whether it could. */
export async function programDevice(context: ToolContext): Promise<void> {
  const { access, flags, print } = context;
  const { fpgas, port } = portOf(await findDevice(context, needed(context, 'd')));
  await using bitstream = await openBitstream(needed(context, 'b'));
  const program = await checkProgram(access.host, fpgas, port, bitstream);
  if (!flags.q)
    print(
      table({
        Port: port.name,
        'Interface UUID': bitstream.interfaceId,
        'Accelerator UUID before': port.afuId,
        'Accelerator UUID after': bitstream.afuId,
      }),
    );
  if (!flags['dry-run']) await reporting(context, () => runProgram(access, fpgas.driver, program));
  else if (!flags.q) print('Dry run: nothing was programmed\n');
}

/** Takes the port -p from its physical function, or gives it back. The kernel knows which numbers there are; -dry-run goes by how many. */
export async function movePort(context: ToolContext, move: 'releasePort' | 'assignPort'): Promise<void> {
  const { access, flags, print } = context;
  const { fpgas, fme } = fmeOf(await findDevice(context, needed(context, 'd')));
  const calls = fpgaCalls(access.ioctl, fpgas.driver);
  if (!flags['dry-run']) {
    await reporting(context, () => calls[move](access.host.path(fme.node), flags.p));
    return;
  }
  await requireNumber(access.host, fme, flags.p);
  if (!flags.q) print(`Dry run: ${move} of port ${flags.p} of ${fme.name} was not done\n`);
}

/** Where the engine does not say how many ports it has, any number will do. Kernel ABI: Documentation/ABI/testing/sysfs-platform-dfl-fme (ports_num). */
async function requireNumber(host: Host, { name, directory }: Fme, number: number): Promise<void> {
  const count = /^\d{1,9}$/.exec((await host.readText(`${directory}/ports_num`, 64)) ?? '')?.[0];
  if (count === undefined || number < Number(count)) return;
  const message = `${name} has no port ${number}: its ports_num is ${count}, and the first one is 0`;
  throw new DevicePluginError('PROGRAMMING_REFUSED', message);
}

async function reporting({ flags, print }: ToolContext, action: () => Promise<void>): Promise<void> {
  const say = (outcome: string): void => {
    if (!flags.q) print(`${outcome}\n`);
  };
  try {
    await action();
  } catch (error) {
    say('FAILED');
    throw error;
  }
  say('OK');
}

function portOf(device: NamedDevice): { readonly fpgas: PresentFpgas; readonly port: Port } {
  if (device.kind === 'port') return device;
  const remedy = 'it is its ports that are programmed, fpga_tool list-port shows them';
  throw new DevicePluginError('PROGRAMMING_REFUSED', `${device.fme.name} is a management engine: ${remedy}`);
}

function fmeOf(device: NamedDevice): { readonly fpgas: PresentFpgas; readonly fme: Fme } {
  if (device.kind === 'fme') return device;
  const remedy = 'name its management engine (-d) and the number of the port (-p)';
  throw new DevicePluginError('PROGRAMMING_REFUSED', `${device.port.name} is a port: ${remedy}`);
}
