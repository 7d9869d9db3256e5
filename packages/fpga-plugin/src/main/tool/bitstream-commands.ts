// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { access, chmod, constants, copyFile, link, lstat, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DevicePluginError, isErrno, isMissing, makeDirectory } from '@kube-device-plugins/core';
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
  try {
    await checkPlace(path, flags.force);
    if (!flags['dry-run']) await install(bitstream.path, path, flags.force);
  } catch (cause) {
    if (cause instanceof DevicePluginError) throw cause;
    throw new DevicePluginError('FILE_WRITE', `cannot install ${bitstream.path} as ${path}`, { cause });
  }
  if (!flags.q) print(`${flags['dry-run'] ? 'would be installed' : 'installed'} as ${path}\n`);
}

/** Changes nothing, so that -dry-run refuses what the installation itself would. */
async function checkPlace(path: string, replace: boolean): Promise<void> {
  const there = await lookAt(path);
  if (there !== undefined && !replace) throw installedAlready(path);
  if (there?.isDirectory() === true) throw new Error('a directory is in its place');
  let parent = dirname(path);
  while ((await lookAt(parent)) === undefined) parent = dirname(parent);
  // The dot: nothing but a directory has one.
  await access(`${parent}/.`, constants.W_OK | constants.X_OK);
}

async function lookAt(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function install(from: string, path: string, force: boolean): Promise<void> {
  await makeDirectory(dirname(path));
  try {
    await copyWhole(from, path, force);
  } catch (error) {
    throw isErrno(error, 'EEXIST') ? installedAlready(path) : error;
  }
}

function installedAlready(path: string): DevicePluginError {
  return new DevicePluginError('PROGRAMMING_REFUSED', `${path} is installed already: -force replaces it`);
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
