// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '@kube-device-plugins/core';
import type { Board } from './board.ts';
import type { DeviceRow } from './table.ts';

/** Asks the plugin which device nodes a container would get with this device. */
export type AskHostNodes = (resource: string, id: string) => Promise<readonly string[]>;

/**
 * Fills in the host nodes that the board does not know yet, one device after the other.
 * The list that the kubelet gets does not hold them: a plugin names them only when a device is allocated.
 */
export async function describeDevices(board: Board, resource: string, ask: AskHostNodes): Promise<void> {
  for (const id of undescribed(board, resource)) {
    try {
      board.describe(resource, id, await ask(resource, id));
    } catch (error) {
      // A device that has gone meanwhile has been told of.
      if (!undescribed(board, resource).includes(id)) continue;
      board.note(`${resource} ${id} has no host nodes to show: ${messageOf(error)}`, true);
      return;
    }
  }
}

/** Those that are healthy: plugins refuse to allocate the others. */
function undescribed(board: Board, resource: string): string[] {
  const isUnknown = (row: DeviceRow): boolean => row.hostNodes === undefined && row.health === 'Healthy';
  return board.rows.filter((row) => row.resource === resource && isUnknown(row)).map(({ id }) => id);
}
