// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import { createServer } from 'node:net';

/** Leaves a socket that nobody serves, as a process does that was killed. */
export async function staleSocket(path: string): Promise<void> {
  const server = createServer();
  server.listen(`${path}~`);
  await once(server, 'listening');
  // Closing removes the name that it was made with, so it gets another one first.
  await rename(`${path}~`, path);
  server.close();
  await once(server, 'close');
}
