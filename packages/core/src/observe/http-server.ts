// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type * as NodeHttp from 'node:http';
import { createRequire } from 'node:module';
import { formatBindAddress, type BindAddress } from '../cli/bind-address.ts';
import { log } from '../log/log.ts';
import { startGate } from '../watch/start-gate.ts';
import type { ProgramInfo } from './metrics.ts';
import { readiness } from './readiness.ts';
import type { Telemetry } from './telemetry.ts';

/** What {@link serveHttp} needs to know. */
export interface HttpOptions {
  readonly address: BindAddress;
  readonly scanPeriodMs: number;
  /** Of each plugin in the process. */
  readonly telemetries: readonly Telemetry[];
  readonly info: ProgramInfo;
}

/**
 * Serves /healthz, /readyz and /metrics until `signal` aborts. Never rejects: a port that is taken is reported and tried again, and the plugin goes on without.
 *
 * /healthz says ok whenever it is answered at all: only a wedged event loop shall have a plugin restarted.
 */
export async function serveHttp(options: HttpOptions, signal: AbortSignal): Promise<void> {
  await startGate.passed;
  if (signal.aborted) return;
  const { createServer } = loadHttp();
  const page = metricsPage(options);
  const server = createServer((request, response) => {
    void respond(request.url ?? '', response, options, page);
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

type LoadPage = () => Promise<{ readonly contentType: string; text(): Promise<string> }>;

function metricsPage({ telemetries, info }: HttpOptions): LoadPage {
  let loading: ReturnType<LoadPage> | undefined;
  return () => (loading ??= import('./metrics.ts').then(({ MetricsPage }) => new MetricsPage(telemetries, info)));
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly contentType?: string;
}

async function respond(
  url: string,
  response: NodeHttp.ServerResponse,
  options: HttpOptions,
  loadPage: LoadPage,
): Promise<void> {
  const {
    status,
    text,
    contentType = 'text/plain; charset=utf-8',
  } = await answerTo(url, options, loadPage).catch((error: unknown) => {
    log.warn('cannot answer a request for metrics or health', { url, error });
    return internalError;
  });
  response.writeHead(status, { 'content-type': contentType }).end(text);
}

const internalError: Answer = { status: 500, text: 'see the log of the plugin\n' };

async function answerTo(url: string, { telemetries, scanPeriodMs }: HttpOptions, loadPage: LoadPage): Promise<Answer> {
  switch (url.split('?', 1)[0]) {
    case '/healthz':
      return { status: 200, text: 'ok\n' };
    case '/readyz': {
      const plugins = telemetries.map((telemetry) => readiness(telemetry, scanPeriodMs, performance.now()));
      const isReady = plugins.every(({ ready }) => ready);
      return { status: isReady ? 200 : 503, text: plugins.flatMap(({ lines }) => lines.map(endLine)).join('') };
    }
    case '/metrics': {
      const page = await loadPage();
      return { status: 200, text: await page.text(), contentType: page.contentType };
    }
    default:
      return { status: 404, text: 'there are /healthz, /readyz and /metrics\n' };
  }
}

function endLine(line: string): string {
  return `${line}\n`;
}
