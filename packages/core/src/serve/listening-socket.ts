// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { chmodSync, renameSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { DevicePluginError, isErrno, isMissing } from '../errors.ts';
import { log } from '../log/log.ts';
import { fileIdentity, isSameFile, statsOf, type FileIdentity } from './file-identity.ts';
import { randomName, shortHash } from './short-hash.ts';
import { directoryFlag } from './socket-name.ts';

/**
 * A listening unix socket whose file is ours alone to remove.
 *
 * libuv unlinks the path of a socket by name when it closes it, also when another process has put its own socket there since.
 * So the socket is bound under a temporary name and then renamed into place: what libuv unlinks is gone already,
 * and nobody ever sees a socket that does not listen yet.
 *
 * The few calls on its file are synchronous: microseconds each, and on the way to the first registration.
 */
export class ListeningSocket {
  readonly path: string;
  readonly #server: Server;
  readonly #identity: FileIdentity | undefined;

  private constructor(path: string, server: Server, identity: FileIdentity | undefined) {
    this.path = path;
    this.#server = server;
    this.#identity = identity;
  }

  /**
   * Listens at `path`. A socket there that nobody serves any more is replaced.
   *
   * @throws DevicePluginError `SOCKET_IN_USE` when a live process serves it or when it is no socket;
   * `PLUGIN_DIR_UNUSABLE` when the directory is missing or not writable.
   */
  static async open(path: string, onConnection: (connection: Socket) => void): Promise<ListeningSocket> {
    try {
      return await ListeningSocket.#bind(path, onConnection);
    } catch (error) {
      throw error instanceof DevicePluginError ? error : unusable(dirname(path), error);
    }
  }

  static async #bind(path: string, onConnection: (connection: Socket) => void): Promise<ListeningSocket> {
    // libuv reports a directory that is missing as one that may not be written to.
    statSync(dirname(path));
    await refuseForeign(path);
    const temporary = temporaryPath(path);
    const server = createServer(onConnection);
    server.listen(temporary);
    await once(server, 'listening');
    server.on('error', (error) => {
      log.warn('cannot accept a connection', { socket: path, error });
    });
    try {
      // Owner and group only: the kubelet is root, and nobody else has business here.
      chmodSync(temporary, 0o660);
      return new ListeningSocket(path, server, renameInto(temporary, path));
    } catch (error) {
      server.close();
      throw error;
    }
  }

  /** File name in the plugin directory: the `endpoint` of a registration. */
  get endpoint(): string {
    return basename(this.path);
  }

  /** False once the file was removed or replaced: then no new client finds this process. */
  isInPlace(): boolean {
    return this.#identity !== undefined && isSameFile(this.#identity, fileIdentity(this.path));
  }

  /** Stops listening and removes the file, unless it has become somebody else's. Open connections live on. */
  close(): void {
    try {
      if (this.isInPlace()) rmSync(this.path, { force: true });
    } finally {
      this.#server.close();
    }
  }
}

function unusable(dir: string, cause: unknown): DevicePluginError {
  return new DevicePluginError(
    'PLUGIN_DIR_UNUSABLE',
    `no socket can be made in ${dir}: mount the kubelet's directory there, writable, or name it with ${directoryFlag}`,
    { cause },
  );
}

/**
 * A name that nobody else chooses, and this process always the same, so that an error that names it is the same as the last one.
 * It is not longer than any socket name, for the path may be as long as paths can be.
 */
function temporaryPath(path: string): string {
  return join(dirname(path), `.${shortHash(processSalt + path).slice(0, 4)}`);
}

const processSalt = randomName();

/** Renames a socket and returns its identity then. The inode is that of the socket alone, as long as it is open. */
function renameInto(temporary: string, path: string): FileIdentity {
  const before = fileIdentity(temporary);
  renameSync(temporary, path);
  const identity = fileIdentity(path);
  if (identity === undefined || identity.ino !== before?.ino) {
    throw new DevicePluginError(
      'SOCKET_IN_USE',
      `another process removed or replaced ${path} at once: stop it, or use -socket-name-style=unique`,
    );
  }
  return identity;
}

/** Whether somebody accepts connections on this unix socket now. Never rejects. */
export async function isServed(path: string): Promise<boolean> {
  const connection = connect(path);
  try {
    await once(connection, 'connect');
    return true;
  } catch (error) {
    // Anything else, as EAGAIN for a full backlog or EACCES for somebody else's, does not mean that nobody listens.
    return !isErrno(error, 'ECONNREFUSED') && !isMissing(error);
  } finally {
    connection.destroy();
  }
}

async function refuseForeign(path: string): Promise<void> {
  const stats = statsOf(path);
  if (stats === undefined) return;
  if (!stats.isSocket())
    throw new DevicePluginError(
      'SOCKET_IN_USE',
      `${path} is not a socket: remove it, it is in the way of the plugin's own`,
    );
  if (await isServed(path)) {
    throw new DevicePluginError(
      'SOCKET_IN_USE',
      `another process serves ${path}: stop it, or use -socket-name-style=unique so that both can run`,
    );
  }
}
