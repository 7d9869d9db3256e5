// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, log } from '@kube-device-plugins/core';
import { readFpgas } from '../../sysfs.ts';
import { openBitstream, type Bitstream } from '../bitstreams/bitstream.ts';
import { findBitstream } from '../bitstreams/storage.ts';
import type { FpgaAccess } from '../programming/fpga-access.ts';
import { checkProgram, runProgram, type PortProgram } from '../programming/program-port.ts';
import { assignPorts, hasFunction } from './assign-ports.ts';
import { bundleOf, readBundleConfig } from './bundle.ts';
import { parseContainerWishes, type RegionWish } from './container-wishes.ts';

/** How {@link programContainer} programs. */
export interface HookOptions {
  readonly bitstreamDirectory: string;
  /** Checks all and programs nothing. */
  readonly dryRun: boolean;
}

/**
 * Programs the regions of a container that is about to start, by the state that its runtime gives. Every bitstream is found and
 * checked before the first port is programmed; a port that has its function already is left alone.
 *
 * Rejects with `CONFIG_INVALID` for the state or configuration, `PROGRAMMING_REFUSED` or `BITSTREAM_INVALID` before anything is
 * programmed, and `DEVICE_CALL` when programming fails; the container must not start then.
 */
export async function programContainer(
  access: FpgaAccess,
  state: string,
  { bitstreamDirectory, dryRun }: HookOptions,
  signal: AbortSignal,
): Promise<void> {
  const wishes = parseContainerWishes(await readBundleConfig(bundleOf(state)));
  const snapshot = await readFpgas(access.host);
  await using opened = new AsyncDisposableStack();
  const programs: PortProgram[] = [];
  for (const { wish, port } of assignPorts(wishes, snapshot)) {
    if (hasFunction(port, wish)) {
      log.info('FPGA port has its function already', { port: port.name, function: wish.afuId });
      continue;
    }
    const bitstream = await openBitstream(await findBitstream(bitstreamDirectory, wish.interfaceId, wish.afuId));
    opened.use(bitstream);
    requireWished(bitstream, wish);
    programs.push(await checkProgram(access.host, snapshot, port, bitstream));
  }
  if (dryRun || snapshot.driver === undefined) return;
  for (const program of programs) {
    signal.throwIfAborted();
    await runProgram(access, snapshot.driver, program);
    log.info('FPGA port programmed', { port: program.port.name, bitstream: program.bitstream.path });
  }
}

/** A file is found by its name, which says nothing of what is in it. */
function requireWished({ path, uniqueId }: Bitstream, { number, afuId }: RegionWish): void {
  if (uniqueId === afuId) return;
  const message = `${path} has function ${uniqueId}, and FPGA_AFU_${number} wants ${afuId}: install each bitstream with fpga_tool, which names it after its function`;
  throw new DevicePluginError('PROGRAMMING_REFUSED', message);
}
