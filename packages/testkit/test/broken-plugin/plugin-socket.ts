// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { chmodSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { basename, join } from 'node:path';
import type { Http2Server } from 'node:http2';
import type { PluginOptions } from './plugin-options.ts';

/** What tells a file from the next one of its name. */
export function identityOf(path: string): string | undefined {
  try {
    const { dev, ino, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, ctimeNs].join();
  } catch {
    return undefined;
  }
}

/** The socket of one resource. It is never closed but by the end of the process: closing it would remove whatever has its name then. */
export class PluginSocket {
  readonly path: string;
  readonly #identity: string | undefined;

  private constructor(path: string) {
    this.path = path;
    this.#identity = identityOf(path);
  }

  /** Listens under another name first, so that nobody sees a socket that does not listen. */
  static async open(options: PluginOptions, http: Http2Server, resource: string): Promise<PluginSocket> {
    const path = join(options.dir, socketName(options, resource));
    if (options.has('ST-07-remove-all')) rmSync(path, { recursive: true, force: true });
    const listener = createServer((connection) => http.emit('connection', connection));
    if (options.has('RB-08-few')) listener.maxConnections = 100;
    if (options.has('ST-06-stale')) {
      await listening(listener, path).catch((error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      });
      return new PluginSocket(path);
    }
    // First, or there would be a moment in which its own is the only one.
    if (options.has('RS-07-left-over'))
      await listening(createServer(), join(options.dir, `${randomBytes(3).toString('hex')}.sock`));
    const temporary = join(options.dir, `.${randomBytes(3).toString('hex')}`);
    if (options.has('ST-05-truncated')) await listening(listener, path);
    else {
      await listening(listener, temporary);
      if (options.has('RB-11-open')) chmodSync(temporary, 0o777);
      renameSync(temporary, path);
    }
    return new PluginSocket(path);
  }

  get endpoint(): string {
    return basename(this.path);
  }

  get isInPlace(): boolean {
    return this.#identity !== undefined && identityOf(this.path) === this.#identity;
  }

  remove(options: PluginOptions): void {
    if (options.has('SD-01-socket')) return;
    if (this.isInPlace || options.has('SD-05-by-name')) rmSync(this.path, { force: true });
  }
}

/** Whether somebody listens on it. */
export async function isServed(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const connection = connect(path, () => {
      resolve(true);
      connection.destroy();
    }).on('error', () => resolve(false));
  });
}

/** Whether another instance serves a socket in the directory. */
export async function hasOther(dir: string): Promise<boolean> {
  const names = readdirSync(dir).filter((name) => name.endsWith('.sock') && name !== 'kubelet.sock');
  const served = await Promise.all(names.map(async (name) => await isServed(join(dir, name))));
  return served.includes(true);
}

/** Short, so that it fits into a directory in which kubelet.sock does. */
function socketName(options: PluginOptions, resource: string): string {
  if (options.has('ST-01-register-first')) return lateName(resource);
  if (options.has('ST-05-truncated')) return `${resource.replace('/', '-')}-device-plugin.sock`;
  const isFixed = options.has('ST-06-stale') || options.has('ST-07-remove-all') || options.has('ST-08-theft');
  return isFixed ? `fixed${resource.length}.sock` : `${randomBytes(3).toString('hex')}.sock`;
}

/** Of a socket that is registered before it is there. */
export function lateName(resource: string): string {
  return `late${resource.length}.sock`;
}

async function listening(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
}
