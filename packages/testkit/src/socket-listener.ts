// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { makeTemporaryDirectory } from './temporary-directory.ts';

/** Listens on a unix socket whose file outlives it, as after the death of a process. */
export class SocketListener {
  readonly #server: Server;
  readonly #aliasDir: string;

  /**
   * Binds at once, within this call: whoever deletes an old socket right before leaves no gap.
   *
   * It listens through a symbolic link to the socket's directory. Node.js unlinks the path that it listened on when a server closes;
   * with the link gone it finds nothing, and the socket stays behind.
   */
  constructor(socketPath: string, onConnection: (connection: Socket) => void) {
    this.#server = createServer(onConnection);
    this.#aliasDir = makeTemporaryDirectory('kubelet-');
    const alias = join(this.#aliasDir, 'dir');
    symlinkSync(dirname(socketPath), alias);
    this.#server.listen(join(alias, basename(socketPath)));
  }

  /** Resolves when it listens; rejects, and leaves nothing behind, when it cannot. */
  async listening(): Promise<void> {
    if (this.#server.listening) return;
    try {
      await once(this.#server, 'listening');
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** The socket stays where it is and refuses connections. Resolves when those that there are have ended. */
  async close(): Promise<void> {
    rmSync(this.#aliasDir, { recursive: true, force: true });
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }
}
