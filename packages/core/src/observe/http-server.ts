// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
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
  readonly telemetry: Telemetry;
  readonly info: ProgramInfo;
}

/**
 * Serves /healthz, /readyz and /metrics until `signal` aborts. Never rejects: a port that is taken is reported and the plugin goes on without.
 *
 * /healthz says ok whenever it is answered at all: only a wedged event loop shall have a plugin restarted.
 */
export async function serveHttp(options: HttpOptions, signal: AbortSignal): Promise<void> {
  await startGate.passed;
  if (signal.aborted) return;
  const { createServer } = await import('node:http');
  const page = metricsPage(options);
  const server = createServer((request, response) => {
    void answer(request.url ?? '', response, options, page);
  });
  // Nothing here is worth waiting for: no bodies, few headers, answers in milliseconds.
  server.headersTimeout = 5_000;
  server.requestTimeout = 5_000;
  server.maxConnections = 64;
  server.listen(options.address);
  try {
    await once(server, 'listening', { signal });
    log.v(1).info('serving metrics and health', { address: formatBindAddress(options.address) });
    await once(signal, 'abort');
  } catch (error) {
    if (!signal.aborted)
      log.warn('cannot serve metrics and health, going on without', {
        address: formatBindAddress(options.address),
        error,
      });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

type LoadPage = () => Promise<{ readonly contentType: string; text(): Promise<string> }>;

function metricsPage({ telemetry, info }: HttpOptions): LoadPage {
  let loading: ReturnType<LoadPage> | undefined;
  return () => (loading ??= import('./metrics.ts').then(({ MetricsPage }) => new MetricsPage(telemetry, info)));
}

async function answer(
  url: string,
  response: ServerResponse,
  { telemetry, scanPeriodMs }: HttpOptions,
  loadPage: LoadPage,
): Promise<void> {
  try {
    switch (url.split('?', 1)[0]) {
      case '/healthz':
        return send(response, 200, 'ok\n');
      case '/readyz': {
        const { ready, lines } = readiness(telemetry, scanPeriodMs, performance.now());
        return send(response, ready ? 200 : 503, `${lines.join('\n')}\n`);
      }
      case '/metrics': {
        const page = await loadPage();
        return send(response, 200, await page.text(), page.contentType);
      }
      default:
        return send(response, 404, 'there are /healthz, /readyz and /metrics\n');
    }
  } catch (error) {
    log.warn('cannot answer a request for metrics or health', { url, error });
    send(response, 500, 'see the log of the plugin\n');
  }
}

function send(response: ServerResponse, status: number, text: string, contentType = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': contentType }).end(text);
}
