// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { chmod, constants, copyFile, link, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DevicePluginError, isErrno } from '@kube-device-plugins/core';
import { openBitstream } from '../bitstreams/bitstream.ts';
import { installedPath } from '../bitstreams/storage.ts';
import { needed, table, type ToolContext } from './tool-context.ts';

/** Prints what a bitstream says of itself. */
export async function describeBitstream(context: ToolContext): Promise<void> {
  await using bitstream = await openBitstream(needed(context, 'b'));
  context.print(
    table({
      'Bitstream file': bitstream.path,
      'Interface UUID': bitstream.interfaceId,
      'Accelerator Type UUID': bitstream.afuId,
      'Unique UUID': bitstream.uniqueId,
      'Installation Path': installedPath(context.bitstreamDirectory, bitstream),
      ...(context.flags.q ? {} : bitstream.extra),
    }),
  );
}

/** Copies a bitstream to where the hook finds it. What is there is replaced with -force only, and always whole. */
export async function installBitstream(context: ToolContext): Promise<void> {
  const { flags, print } = context;
  await using bitstream = await openBitstream(needed(context, 'b'));
  const path = installedPath(context.bitstreamDirectory, bitstream);
  if (!flags['dry-run']) await install(bitstream.path, path, flags.force);
  if (!flags.q) print(`${flags['dry-run'] ? 'would be installed' : 'installed'} as ${path}\n`);
}

async function install(from: string, path: string, force: boolean): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await copyWhole(from, path, force);
  } catch (cause) {
    const isThere = isErrno(cause, 'EEXIST');
    if (isThere) throw new DevicePluginError('PROGRAMMING_REFUSED', `${path} is installed already: -force replaces it`);
    throw new DevicePluginError('FILE_WRITE', `cannot install ${from} as ${path}`, { cause });
  }
}

/** Beside its place first: whoever looks for it finds all of it or nothing. */
async function copyWhole(from: string, path: string, replace: boolean): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await copyFile(from, draft, constants.COPYFILE_EXCL);
    await chmod(draft, 0o644);
    // link(2) refuses what is there, rename(2) replaces it.
    await (replace ? rename(draft, path) : link(draft, path));
  } finally {
    await rm(draft, { force: true });
  }
}
