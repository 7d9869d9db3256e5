// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '@kube-device-plugins/core';
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';

/** Rejects with the text that the plugin is to see. */
export type RegisterHandler = (request: deviceplugin.RegisterRequest) => Promise<void>;

/** `v1beta1.Registration` on a unix socket. */
export class RegistrationService {
  readonly #server: Server;
  readonly #aliasDir: string;

  private constructor(server: Server, aliasDir: string) {
    this.#server = server;
    this.#aliasDir = aliasDir;
  }

  /**
   * Listens through a symbolic link to the socket's directory. Node.js unlinks the path that it listened on when a server closes;
   * with the link gone it finds nothing, and the socket stays behind as after a crash.
   */
  static async listen(socketPath: string, register: RegisterHandler): Promise<RegistrationService> {
    const server = new Server({ 'grpc.enable_channelz': 0 });
    server.addService(deviceplugin.RegistrationService, { register: unary(register) });
    const aliasDir = await mkdtemp(join(tmpdir(), 'kubelet-'));
    try {
      const alias = join(aliasDir, 'dir');
      await symlink(dirname(socketPath), alias);
      await bind(server, join(alias, basename(socketPath)));
    } catch (error) {
      await rm(aliasDir, { recursive: true });
      throw error;
    }
    return new RegistrationService(server, aliasDir);
  }

  /** Cuts all connections. The socket stays where it is and refuses new ones. */
  async close(): Promise<void> {
    await rm(this.#aliasDir, { recursive: true });
    this.#server.forceShutdown();
  }
}

/** Every error is UNKNOWN with a text: the kubelet's handler returns plain Go errors. */
function unary(register: RegisterHandler): deviceplugin.RegistrationServer['register'] {
  return (call, callback) => {
    register(call.request).then(
      () => {
        callback(null, {});
      },
      (error: unknown) => {
        callback({ code: status.UNKNOWN, details: messageOf(error) });
      },
    );
  };
}

async function bind(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) => {
    if (error === null) resolve();
    else reject(error);
  });
  await promise;
}
