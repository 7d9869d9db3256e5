// SPDX-License-Identifier: Apache-2.0
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { type Caller, UnaryServer, type UnaryServerSettings } from './grpc/unary-server.ts';
import { SocketListener } from './socket-listener.ts';

/** Rejects with the text that the plugin is to see: every error is UNKNOWN, as the kubelet's handler returns plain Go errors. */
export type RegisterHandler = (request: deviceplugin.RegisterRequest, caller: Caller) => Promise<void>;

/** `v1beta1.Registration` on a unix socket. */
export class RegistrationService {
  readonly #server: UnaryServer;
  readonly #listener: SocketListener;

  /** Binds at once; {@link listening} tells whether that worked. */
  constructor(socketPath: string, settings: UnaryServerSettings, register: RegisterHandler) {
    this.#server = new UnaryServer(settings);
    this.#server.handle(deviceplugin.RegistrationService.register, async (request, caller) => {
      await register(request, caller);
      return {};
    });
    this.#listener = new SocketListener(socketPath, (connection) => this.#server.serve(connection));
  }

  async listening(): Promise<void> {
    await this.#listener.listening();
  }

  /** Cuts all connections and goes on. */
  disconnectAll(): void {
    this.#server.disconnectAll();
  }

  /** Cuts all connections, as the death of a process would. The socket stays where it is and refuses new ones. */
  async close(): Promise<void> {
    const closed = this.#listener.close();
    this.#server.disconnectAll();
    await closed;
  }
}
