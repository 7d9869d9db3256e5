// SPDX-License-Identifier: Apache-2.0
import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { rmSync } from 'node:fs';

/** A gRPC service on a unix socket that comes and goes as that of a daemon does. */
export class RestartableServer {
  readonly #socketPath: string;
  readonly #service: ServiceDefinition;
  readonly #handlers: UntypedServiceImplementation;
  #server: Server | undefined;

  constructor(socketPath: string, service: ServiceDefinition, handlers: UntypedServiceImplementation) {
    this.#socketPath = socketPath;
    this.#service = service;
    this.#handlers = handlers;
  }

  /** Resolves when it listens; does nothing while it does. */
  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = new Server();
    server.addService(this.#service, this.#handlers);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    server.bindAsync(`unix:${this.#socketPath}`, ServerCredentials.createInsecure(), (error) => {
      if (error === null) resolve(undefined);
      else reject(error);
    });
    await promise;
    this.#server = server;
  }

  /** Cuts all connections and removes the socket. */
  stop(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
    rmSync(this.#socketPath, { force: true });
  }
}
