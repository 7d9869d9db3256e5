// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type * as NodeHttp from 'node:http';
import { createRequire } from 'node:module';
import { formatBindAddress, type BindAddress } from '../cli/bind-address.ts';
import { log } from '../log/log.ts';
import { startGate } from '../watch/start-gate.ts';
import type { MetricsPage, ProgramInfo } from './metrics.ts';
import { readiness } from './readiness.ts';
import type { StatusAnswers } from './status/status-answers.ts';
import type { Telemetry } from './telemetry.ts';

/** What {@link serveHttp} needs to know. */
export interface HttpOptions {
  readonly address: BindAddress;
  readonly scanPeriodMs: number;
  /** Of each plugin in the process. */
  readonly telemetries: readonly Telemetry[];
  readonly info: ProgramInfo;
  /** Where the kubelet says which pods use which devices. */
  readonly podResourcesSocket: string;
}

/**
 * Serves /healthz, /readyz, /metrics and the status page until `signal` aborts. Never rejects: a port that is taken is reported and tried again, and the plugin goes on without.
 *
 * /healthz says ok whenever it is answered at all: only a wedged event loop shall have a plugin restarted.
 */
export async function serveHttp(options: HttpOptions, signal: AbortSignal): Promise<void> {
  await startGate.passed;
  if (signal.aborted) return;
  const { createServer } = loadHttp();
  const pages = lazyPages(options, signal);
  const server = createServer((request, response) => {
    void respond(request, response, options, pages);
  });
  // Nothing here is worth waiting for: no bodies, few headers, answers in milliseconds.
  server.headersTimeout = 5_000;
  server.requestTimeout = 5_000;
  server.maxConnections = 64;
  const stopListening = keepListening(server, options.address);
  await once(signal, 'abort');
  stopListening();
  server.close();
  server.closeAllConnections();
}

/** Listens, and tries again while that fails: the process that has the port may end, as the last version of this plugin does. */
function keepListening(server: NodeHttp.Server, address: BindAddress): () => void {
  let isRefused = false;
  let retry: NodeJS.Timeout | undefined;
  const listen = (): void => {
    server.listen(address);
  };
  server.on('listening', () => {
    const verbose = isRefused ? log : log.v(1);
    verbose.info('serving metrics and health', { address: boundAddress(server, address) });
  });
  server.on('error', (error) => {
    if (server.listening) {
      log.warn('cannot accept a connection', { address: formatBindAddress(address), error });
      return;
    }
    if (!isRefused)
      log.warn('cannot serve metrics and health, trying again', { address: formatBindAddress(address), error });
    isRefused = true;
    retry = setTimeout(listen, retryPeriodMs).unref();
  });
  listen();
  return () => {
    clearTimeout(retry);
  };
}

/** A bind that fails costs microseconds. */
const retryPeriodMs = 2_000;

/**
 * By require(), because an import of node:http as a module asks for each of its exports, and one of them is WebSocket:
 * that loads all of undici, 35 ms and 6 MiB that nobody here needs.
 */
function loadHttp(): typeof NodeHttp {
  return createRequire(import.meta.url)('node:http') as typeof NodeHttp;
}

/** With the port that the system chose where port 0 was asked for. */
function boundAddress(server: NodeHttp.Server, { host, port }: BindAddress): string {
  const bound = server.address();
  return formatBindAddress({
    ...(host !== undefined && { host }),
    port: typeof bound === 'object' ? (bound?.port ?? port) : port,
  });
}

/** What is loaded when somebody asks for it. */
interface LazyPages {
  readonly metrics: () => Promise<MetricsPage>;
  readonly status: () => Promise<StatusAnswers>;
}

function lazyPages(options: HttpOptions, signal: AbortSignal): LazyPages {
  const { telemetries, info } = options;
  let metrics: Promise<MetricsPage> | undefined;
  let status: Promise<StatusAnswers> | undefined;
  return {
    metrics: () => (metrics ??= import('./metrics.ts').then((loaded) => new loaded.MetricsPage(telemetries, info))),
    status: () =>
      (status ??= import('./status/status-answers.ts').then((loaded) => new loaded.StatusAnswers(options, signal))),
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function respond(
  { method = '', url = '' }: NodeHttp.IncomingMessage,
  response: NodeHttp.ServerResponse,
  options: HttpOptions,
  pages: LazyPages,
): Promise<void> {
  const answer = ['GET', 'HEAD'].includes(method) ? answerTo(url, options, pages) : Promise.resolve(notAllowed);
  const { status, text, contentType, headers } = await answer.catch((error: unknown) => {
    log.warn('cannot answer a request for metrics, health or status', { url, error });
    return internalError;
  });
  const always = { 'content-type': contentType ?? 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  response.writeHead(status, { ...always, 'cache-control': 'no-store', ...headers }).end(text);
}

const internalError: Answer = { status: 500, text: 'see the log of the plugin\n' };
const notAllowed: Answer = { status: 405, text: 'there are only GET and HEAD\n', headers: { allow: 'GET, HEAD' } };

async function answerTo(url: string, { telemetries, scanPeriodMs }: HttpOptions, pages: LazyPages): Promise<Answer> {
  switch (url.split('?', 1)[0]) {
    case '/':
      return { status: 200, ...(await (await pages.status()).page(url)) };
    case '/status.json':
      return { status: 200, ...(await (await pages.status()).json(url)) };
    case '/healthz':
      return { status: 200, text: 'ok\n' };
    case '/readyz': {
      const plugins = telemetries.map((telemetry) => readiness(telemetry, scanPeriodMs, performance.now()));
      const isReady = plugins.every(({ ready }) => ready);
      return { status: isReady ? 200 : 503, text: plugins.flatMap(({ lines }) => lines.map(endLine)).join('') };
    }
    case '/metrics': {
      const page = await pages.metrics();
      return { status: 200, text: await page.text(), contentType: page.contentType };
    }
    default:
      return { status: 404, text: 'there are /, /status.json, /healthz, /readyz and /metrics\n' };
  }
}

function endLine(line: string): string {
  return `${line}\n`;
}
