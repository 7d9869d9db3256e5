// SPDX-License-Identifier: Apache-2.0
// Deep imports: grpc-js's entry would load its client as well, which costs each start 8 ms and 1 MiB.
import { ServerCredentials } from '@grpc/grpc-js/build/src/server-credentials.js';
import { Server } from '@grpc/grpc-js/build/src/server.js';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Socket } from 'node:net';
import { boundToScope } from '../plugin-scope.ts';
import { CallsInFlight, streamOf } from './calls-in-flight.ts';

/** A gRPC server without a socket of its own: connections are handed to it. */
export interface GrpcServer {
  addService(definition: ServiceDefinition, implementation: UntypedServiceImplementation): void;
  accept(connection: Socket): void;
  /** Waits for the calls in flight, at most `graceMs`, and resolves with what is left of that. Streams are not waited for. */
  drained(graceMs: number): Promise<number>;
  /** Lets calls in flight finish for at most `graceMs`, then cuts what is left. New calls are refused at once. */
  close(graceMs: number): Promise<void>;
}

export function createGrpcServer(
  definition: ServiceDefinition,
  implementation: UntypedServiceImplementation,
): GrpcServer {
  const server = new Server({ 'grpc.enable_channelz': 0 });
  const calls = new CallsInFlight();
  server.addService(definition, ofItsPlugin(calls.counting(implementation)));
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const connections = new Set<Socket>();
  return {
    addService(more, itsImplementation) {
      server.addService(more, ofItsPlugin(itsImplementation));
    },
    accept(connection) {
      connections.add(connection);
      connection.once('close', () => connections.delete(connection));
      injector.injectConnection(connection);
    },
    drained: (graceMs) => calls.drained(graceMs),
    async close(graceMs) {
      injector.drain(graceMs);
      await allEnded(connections, graceMs);
      for (const connection of connections) connection.destroy();
      server.forceShutdown();
    },
  };
}

/** HTTP/2 streams are made by Node.js itself, for nobody: without this what a call leads to would be of no plugin. */
function ofItsPlugin(implementation: UntypedServiceImplementation): UntypedServiceImplementation {
  return Object.fromEntries<UntypedServiceImplementation[string]>(
    Object.entries(implementation).map(([name, handler]) => [name, boundToScope(handler as CallHandler)]),
  );
}

type CallHandler = (call: unknown, callback: unknown) => void;

/**
 * The connection that a call came in on, as a value to compare, or undefined when grpc-js does not show it.
 */
export function connectionOf(call: object): object | undefined {
  return streamOf(call)?.session;
}

/** A connection whose last bytes are sent counts: a client that does not read may take for ever to close it. */
async function allEnded(connections: ReadonlySet<Socket>, timeoutMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const check = (): void => {
    if ([...connections].every(({ writableFinished }) => writableFinished)) resolve(undefined);
  };
  for (const connection of connections) connection.once('finish', check).once('close', check);
  check();
  const timer = setTimeout(resolve, timeoutMs, undefined);
  await promise;
  clearTimeout(timer);
}
