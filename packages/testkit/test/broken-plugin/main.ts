// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { DeviceService } from './device-service.ts';
import { grpcServer } from './grpc-server.ts';
import { Inventory } from './inventory.ts';
import { ListStreams } from './list-streams.ts';
import { serveMetrics } from './metrics-server.ts';
import { PluginOptions } from './plugin-options.ts';
import { Registration } from './registration.ts';
import { awaitWatcher } from './watcher-socket.ts';

// A device plugin by hand that does everything right, but for one thing that --defect names.

const graceMs = 1_000;
const options = readOptions();
process.stderr.on('error', () => {
  if (options.has('RB-15-broken-pipe')) process.exit(1);
});
const crashes = guard();
if (options.has('RS-21-watch')) watch('/').close();
let callsUnderWay = 0;
let isInTurn = false;
let isEnding = false;
const parts = options.resources.map(newPart);
for (const { inventory } of parts) inventory.onChange(addParts);
for (const part of parts) start(part);
if (options.port > 0) serveMetrics(options, parts);
process.on('SIGTERM', end);
if (!options.has('SD-04-default')) process.on('SIGINT', end);

function newPart(resource: string) {
  const inventory = new Inventory(options, resource);
  const streams = new ListStreams(options, inventory);
  const service = new DeviceService(options, resource, inventory, streams);
  const server = grpcServer(options, service.handlers);
  server.on('stream', (stream) => {
    callsUnderWay += 1;
    stream.once('close', () => (callsUnderWay -= 1));
  });
  const registration = new Registration(options, resource, server, streams, service);
  return { resource, inventory, streams, service, server, registration };
}

function start({ resource, server, registration }: (typeof parts)[number]): void {
  if (options.registry !== undefined) void awaitWatcher(options.registry, resource, server);
  if (options.registry !== undefined && !options.has('ST-19-register')) return;
  if (options.has('ST-17-in-turn')) void inTurn();
  else void registration.run();
}

/** Resources that were not there at the start. */
function addParts(): void {
  if (options.has('HP-08-fixed')) return;
  const names = parts[0]?.inventory.others ?? [];
  for (const name of names.filter((each) => !parts.some(({ resource }) => resource === each))) {
    const part = newPart(name);
    parts.push(part);
    start(part);
  }
}

function readOptions(): PluginOptions {
  try {
    return new PluginOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
    process.exit(process.argv.includes('SD-09-zero') ? 0 : 2);
  }
}

async function inTurn(): Promise<void> {
  if (isInTurn) return;
  isInTurn = true;
  for (const { registration } of parts) {
    void registration.run();
    while (registration.count === 0) await delay(20);
  }
}

function end(): void {
  const isRegistered = parts.some(({ registration }) => registration.count > 0);
  if (options.has('SD-06-deaf') && !isRegistered) return;
  if (isEnding) process.exit(1);
  isEnding = true;
  crashes.forget();
  for (const { registration } of parts) registration.close();
  void finish();
}

/** Ends the streams, and lets calls in flight finish. */
async function finish(): Promise<void> {
  if (options.has('SD-02-cut')) process.exit(0);
  for (const { streams } of parts) void streams.end(true);
  const endMs = performance.now() + (options.has('SD-03-wait') ? Infinity : graceMs);
  while (callsUnderWay > 0 && performance.now() < endMs) await delay(10);
  // The last trailers leave.
  await delay(20);
  process.exit(0);
}

/** For one of the defects: counts the starts that no good end has followed. */
function guard(): { readonly forget: () => void } {
  const path = `${options.inventory}.starts`;
  if (!options.has('SD-07-guard')) return { forget: () => undefined };
  const starts = existsSync(path) ? readFileSync(path, 'utf8').length : 0;
  if (starts >= 2) process.exit(1);
  writeFileSync(path, 'x'.repeat(starts + 1));
  return { forget: () => rmSync(path, { force: true }) };
}
