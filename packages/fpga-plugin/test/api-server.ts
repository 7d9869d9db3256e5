// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { NodeAddress } from '../src/options.ts';

/** What a watch was asked with. */
export interface WatchRequest {
  readonly url: string;
  readonly token: string;
  readonly accept: string;
}

/** As much of a Kubernetes API server as watches of one node need, over HTTPS. */
export class ApiServer implements AsyncDisposable {
  readonly requests: WatchRequest[] = [];
  /** Status of the next answers. */
  status = 200;
  /** Answers nothing at all. */
  isSilent = false;
  /** Written at the begin of each watch, as it is. */
  greeting = '';
  readonly #directory: string;
  readonly #watches = new Set<ServerResponse>();
  #server: Server | undefined;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** @param directory - for the files of a service account: certificate and token. */
  static async start(directory: string): Promise<ApiServer> {
    const server = new ApiServer(directory);
    await mkdir(directory, { recursive: true });
    const [key, cert] = [join(directory, 'server.key'), join(directory, 'ca.crt')];
    makeCertificate(key, cert);
    await server.renewToken('token-1');
    server.#server = createServer({ key: await readFile(key), cert: await readFile(cert) }, (request, response) => {
      const { url = '', headers } = request;
      server.requests.push({ url, token: headers.authorization ?? '', accept: headers.accept ?? '' });
      if (server.isSilent) return;
      response.writeHead(server.status, { 'content-type': 'application/json' });
      server.#watches.add(response);
      response.on('close', () => server.#watches.delete(response));
      if (server.status === 200) response.write(server.greeting);
      else response.end('{"kind":"Status"}');
      response.flushHeaders();
    });
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  /** Watches that are open. */
  get watches(): number {
    return this.#watches.size;
  }

  address(name = 'n1'): NodeAddress {
    const { port } = this.#server?.address() as AddressInfo;
    return { name, host: '127.0.0.1', port: String(port), serviceAccount: this.#directory };
  }

  async renewToken(token: string): Promise<void> {
    await writeFile(join(this.#directory, 'token'), `${token}\n`);
  }

  /** Makes the certificate of another authority the one to believe in. */
  distrust(): void {
    makeCertificate(join(this.#directory, 'other.key'), join(this.#directory, 'ca.crt'));
  }

  /** Sends this to all watches. */
  send(text: string): void {
    for (const watch of this.#watches) watch.write(text);
  }

  /** Ends all watches, in order or by breaking their connections. */
  endWatches(how: 'end' | 'destroy'): void {
    for (const watch of this.#watches) watch[how]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

/** An event of a watch. */
export function nodeEvent(type: string, mode?: unknown): string {
  const annotations = mode === undefined ? {} : { 'fpga.intel.com/device-plugin-mode': mode };
  return `${JSON.stringify({ type, object: { kind: 'PartialObjectMetadata', metadata: { annotations } } })}\n`;
}

/** A certificate for 127.0.0.1 that vouches for itself. */
function makeCertificate(key: string, cert: string): void {
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=kubernetes', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
}
