// SPDX-License-Identifier: Apache-2.0
import type { Board } from './board.ts';

/** Asks the plugin which device nodes a container would get with this device. */
export type AskHostNodes = (resource: string, id: string) => Promise<readonly string[]>;

/**
 * Fills in the host nodes that the board does not know yet, one device after the other.
 * The list that the kubelet gets does not hold them: a plugin names them only when a device is allocated.
 */
export async function describeDevices(board: Board, resource: string, ask: AskHostNodes): Promise<void> {
  const unknown = board.rows.filter((row) => row.resource === resource && row.hostNodes === undefined);
  for (const { id, health } of unknown) {
    // Plugins refuse to allocate what is not healthy.
    if (health !== 'Healthy') continue;
    try {
      board.describe(resource, id, await ask(resource, id));
    } catch (error) {
      board.note(
        `${resource} ${id} has no host nodes to show: ${error instanceof Error ? error.message : String(error)}`,
        true,
      );
      return;
    }
  }
}
