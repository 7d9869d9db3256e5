// SPDX-License-Identifier: Apache-2.0
import { LevelZeroClient } from '../../sysfs/level-zero.ts';
import type { MemorySource } from './labeled-gpu.ts';

/** The Level-Zero sidecar as what knows amounts of memory. An amount beside an error counts, as upstream. */
export function levelZeroMemory(socket: string): MemorySource & Disposable {
  const client = new LevelZeroClient(socket);
  return {
    memoryBytes: async (bdf, signal) => (await client.memoryAmount(bdf, signal)).memorySize,
    [Symbol.dispose]: () => {
      client.close();
    },
  };
}
