// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer, type Server as SocketServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '@kube-device-plugins/core';
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { Server as GrpcServer, ServerCredentials, status } from '@grpc/grpc-js';

/** Rejects with the text that the plugin is to see. */
export type RegisterHandler = (request: deviceplugin.RegisterRequest) => Promise<void>;

/** `v1beta1.Registration` on a unix socket. */
export class RegistrationService {
  readonly #connections = new Set<Socket>();
  readonly #grpc = new GrpcServer();
  readonly #listener: SocketServer;
  #aliasDir = '';

  constructor(register: RegisterHandler) {
    this.#grpc.addService(deviceplugin.RegistrationService, { register: unary(register) });
    const injector = this.#grpc.createConnectionInjector(ServerCredentials.createInsecure());
    this.#listener = createServer((connection) => {
      this.#connections.add(connection);
      connection.once('close', () => this.#connections.delete(connection));
      injector.injectConnection(connection);
    });
  }

  /**
   * Listens through a symbolic link to the socket's directory. Node.js unlinks the path that it listened on when a server closes;
   * with the link gone it finds nothing, and the socket stays behind as after a crash.
   */
  async listen(socketPath: string): Promise<void> {
    this.#aliasDir = await mkdtemp(join(tmpdir(), 'kubelet-'));
    const alias = join(this.#aliasDir, 'dir');
    try {
      await symlink(dirname(socketPath), alias);
      this.#listener.listen(join(alias, basename(socketPath)));
      await once(this.#listener, 'listening');
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Cuts all connections, as the death of a process would. The socket stays where it is and refuses new ones. */
  async close(): Promise<void> {
    await rm(this.#aliasDir, { recursive: true });
    this.#listener.close();
    for (const connection of this.#connections) connection.destroy();
    this.#grpc.forceShutdown();
  }
}

/** Every error is UNKNOWN with a text: the kubelet's handler returns plain Go errors. */
function unary(register: RegisterHandler): deviceplugin.RegistrationServer['register'] {
  return (call, callback) => {
    register(call.request).then(
      () => callback(null, {}),
      (error: unknown) => callback({ code: status.UNKNOWN, details: messageOf(error) }),
    );
  };
}
