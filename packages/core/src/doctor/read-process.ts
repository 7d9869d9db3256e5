// SPDX-License-Identifier: Apache-2.0
import { parseMountTable, type Mount } from './mount-table.ts';
import { parseProcessStatus, type ProcessStatus } from './process-status.ts';
import type { Scene } from './scene.ts';

/** Rights of the process with this directory in /proc; all unknown where it is gone. */
export async function readStatus({ files }: Scene, directory: string): Promise<ProcessStatus> {
  return parseProcessStatus((await files.readText(`${directory}/status`)) ?? '');
}

/** What the process has mounted; empty where it is gone. */
export async function readMounts({ files }: Scene, directory: string): Promise<readonly Mount[]> {
  return parseMountTable((await files.readText(`${directory}/mountinfo`, maxMountTableBytes)) ?? '');
}

/** Nodes with hundreds of pods have thousands of mounts, of some 200 bytes each. */
const maxMountTableBytes = 8 * 1024 * 1024;
