// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { DeviceService } from './device-service.ts';
import { grpcServer } from './grpc-server.ts';
import { Inventory } from './inventory.ts';
import { ListStreams } from './list-streams.ts';
import { PluginOptions } from './plugin-options.ts';
import { Registration } from './registration.ts';

// A device plugin by hand that does everything right, but for one thing that --defect names.

const graceMs = 1_000;
const options = readOptions();
process.stderr.on('error', () => {
  if (options.has('RB-15-broken-pipe')) process.exit(1);
});
const crashes = guard();
const inventory = new Inventory(options);
const parts = options.resources.map((resource) => {
  const streams = new ListStreams(options, inventory);
  const service = new DeviceService(options, resource, inventory, streams);
  const server = grpcServer(options, service.handlers);
  return { streams, server, registration: new Registration(options, resource, server, streams, service) };
});
let callsUnderWay = 0;
let isInTurn = false;
let isEnding = false;
for (const { server, registration } of parts) {
  server.on('stream', (stream) => {
    callsUnderWay += 1;
    stream.once('close', () => (callsUnderWay -= 1));
  });
  if (options.has('ST-17-in-turn')) void inTurn();
  else void registration.run();
}
process.on('SIGTERM', end);
if (!options.has('SD-04-default')) process.on('SIGINT', end);

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
  for (const { streams } of parts) void streams.end();
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
