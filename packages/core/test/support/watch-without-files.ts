// SPDX-License-Identifier: Apache-2.0
// Watches a directory while this process can open no more files, and again when it can. Run by watched-directory.spec.ts.
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WatchedDirectory } from '../../src/watch/watched-directory.ts';

const [, , directory = ''] = process.argv;
await import('chokidar');
const files = openAll();
const watched = new WatchedDirectory(directory, { maxEventsPerSecond: 1_000, restMs: 50 });
const events: unknown[] = [];
const leave = watched.join((event) => events.push(event));
await sleep(300);
if (events.length > 0) throw new Error('there was a file left to open');
files.forEach(closeSync);
while (events.length === 0) await sleep(10);
leave();
process.stdout.write('armed again\n');

function openAll(): number[] {
  const fds: number[] = [];
  try {
    for (;;) fds.push(openSync('/dev/null', 'r'));
  } catch {
    return fds;
  }
}
